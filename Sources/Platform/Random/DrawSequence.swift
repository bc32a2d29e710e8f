/// The numbers of `CounterRandom` for one key, one after the other.
package struct DrawSequence {
    private let key: UInt64
    private var position = 0

    package init(seed: UInt64) { key = seed }

    /// A number in 0 ..< 1.
    package mutating func unit() -> Double {
        position += 1
        return CounterRandom.uniform(key: key, position: position)
    }

    /// A whole number in 0 ..< `count`.
    package mutating func index(below count: Int) -> Int { min(Int(unit() * Double(count)), count - 1) }

    /// The numbers 0 ..< `count` in random order.
    package mutating func permutation(of count: Int) -> [Int] {
        var order = Array(0..<count)
        for place in order.indices.reversed() { order.swapAt(place, index(below: place + 1)) }
        return order
    }
}
