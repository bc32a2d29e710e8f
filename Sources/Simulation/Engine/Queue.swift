/// First in, first out, with access by place. Taking from the front costs as little as adding to the end.
struct Queue<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    /// Elements at the front that were taken and are still stored.
    private var taken = 0

    var count: Int { elements.count - taken }
    var isEmpty: Bool { count == 0 }
    var first: Element? { isEmpty ? nil : elements[taken] }

    /// The element at a place counted from the front.
    subscript(place: Int) -> Element {
        get { elements[taken + place] }
        _modify { yield &elements[taken + place] }
    }

    mutating func append(_ element: Element) { elements.append(element) }

    /// Takes the first element, of which there must be one.
    mutating func removeFirst() -> Element {
        let element = elements[taken]
        taken += 1
        // Half of the store at the most is dead, and moving the rest costs each element once.
        if 2 * taken >= elements.count {
            elements.removeFirst(taken)
            taken = 0
        }
        return element
    }
}
