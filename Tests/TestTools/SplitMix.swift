import Platform

/// `SeededRandom` with what tests draw: equal seeds give equal numbers on every machine, so that a failing case can be
/// run again.
public struct SplitMix: RandomNumberGenerator, Sendable {
    private var source: SeededRandom

    public init(seed: some BinaryInteger) { source = SeededRandom(seed: UInt64(truncatingIfNeeded: seed)) }

    public mutating func next() -> UInt64 { source.next() }

    /// A whole number in `range`. By hand: the standard library's way may differ between versions.
    public mutating func int(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.count))
    }

    /// True once in `count` times.
    public mutating func oneIn(_ count: Int) -> Bool { int(1...count) == 1 }

    /// One of `choices`, each equally likely.
    public mutating func element<T>(_ choices: [T]) -> T { choices[int(0...choices.count - 1)] }

    /// Up to 11 scalars of all kinds: control characters, ASCII, and any of one to four bytes.
    public mutating func text() -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<12, using: &self) {
            let limit: UInt32 = [0x20, 0x80, 0x800, 0x11_0000].randomElement(using: &self)!
            if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &self)) { scalars.append(scalar) }
        }
        return String(scalars)
    }

    /// `count` values with mean 0 and the standard `deviation`, roughly normal: sums of four uniform ones.
    public mutating func normal(_ count: Int, deviation: Float = 1) -> [Float] {
        (0..<count).map { _ in
            let sum = (0..<4).reduce(Float(0)) { sum, _ in sum + Float.random(in: -1...1, using: &self) }
            return sum * deviation * 0.866_025_4
        }
    }
}

/// Spreads every bit of `value` over the result.
public func mixed(_ value: UInt64) -> UInt64 { SeededRandom.mixed(value) }
