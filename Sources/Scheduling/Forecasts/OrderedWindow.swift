/// The last lengths that were added, in ascending order.
struct OrderedWindow: Sendable {
    /// Ascending.
    private(set) var values: [Int] = []
    /// A ring buffer of the values in the order of arrival; once it is full, the value at `oldest` is replaced next.
    private var arrivals: [Int] = []
    private var oldest = 0
    private let capacity: Int

    init(capacity: Int) {
        precondition(capacity > 0, "a window of \(capacity) values; at least 1 is possible")
        self.capacity = capacity
    }

    private func firstIndex(above value: Int) -> Int { values.sortedIndex { $0 > value } }

    /// Adds a value, clamped to 1 ... 2^32 so that no sum overflows; a full window drops its oldest value.
    mutating func add(_ value: Int) {
        let value = min(max(value, 1), 1 << 32)
        if arrivals.count == capacity {
            values.remove(at: firstIndex(above: arrivals[oldest]) - 1)
            arrivals[oldest] = value
            oldest = (oldest + 1) % capacity
        } else {
            arrivals.append(value)
        }
        values.insert(value, at: firstIndex(above: value))
    }
}
