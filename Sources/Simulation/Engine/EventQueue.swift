import Scheduling

/// The events to come, in the order of time. Events of one moment come out in the order in which they were added, so
/// that a repeated simulation takes the same course.
public struct EventQueue<Event: Sendable>: Sendable {
    private struct Entry: Sendable {
        let time: Instant
        /// Breaks ties.
        let order: Int
        let event: Event

        func isBefore(_ other: Entry) -> Bool {
            time < other.time || time == other.time && order < other.order
        }
    }
    /// A binary heap: an entry's children are at twice its index plus 1 and 2, and no child comes before its parent.
    private var heap: [Entry] = []
    private var added = 0

    public init() {}

    public var isEmpty: Bool { heap.isEmpty }
    public var count: Int { heap.count }
    /// The time of the next event; nil if there is none.
    public var nextTime: Instant? { heap.first?.time }

    public mutating func add(_ event: Event, at time: Instant) {
        let entry = Entry(time: time, order: added, event: event)
        added += 1
        heap.append(entry)
        var place = heap.count - 1
        while place > 0 {
            let parent = (place - 1) / 2
            guard entry.isBefore(heap[parent]) else { break }
            heap[place] = heap[parent]
            place = parent
        }
        heap[place] = entry
    }

    /// Takes the next event out; nil if there is none.
    public mutating func removeNext() -> (time: Instant, event: Event)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty { sink(last) }
        return (first.time, first.event)
    }

    /// Puts `entry` in place of the first entry, and moves it down to where it belongs.
    private mutating func sink(_ entry: Entry) {
        var place = 0
        while true {
            var child = 2 * place + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(entry) else { break }
            heap[place] = heap[child]
            place = child
        }
        heap[place] = entry
    }
}
