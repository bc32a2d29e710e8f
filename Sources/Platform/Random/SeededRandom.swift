/// A sequential generator of random numbers: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014). The same seed gives the same numbers on any machine.
package struct SeededRandom: RandomNumberGenerator, Sendable, Hashable {
    /// The number that SplitMix64 adds to its state for each draw: 2^64 divided by the golden ratio.
    @usableFromInline package static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

    @usableFromInline var state: UInt64

    @inlinable
    package init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    @inlinable
    package mutating func next() -> UInt64 {
        state &+= Self.increment
        return Self.mixed(state)
    }

    /// 64 well mixed bits: the finaliser of SplitMix64. Distinct values give distinct results.
    @inlinable
    package static func mixed(_ value: UInt64) -> UInt64 {
        var bits = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// A number in 0 ..< 1 from the upper 53 of 64 bits: each multiple of 2^-53 is equally likely.
    @inlinable
    package static func unit(_ bits: UInt64) -> Double { Double(bits >> 11) * 0x1p-53 }

    /// A number in 0 ..< 1, each multiple of 2^-53 equally likely. Unlike in the standard library, the conversion from
    /// bits to a number is fixed, so that no version of the library can change a simulated world.
    @inlinable
    package mutating func unit() -> Double { Self.unit(next()) }

    /// A whole number in `range`. All numbers are equally likely, except for a bias below 2^-32 in ranges of up to 2^32
    /// numbers.
    @inlinable
    package mutating func integer(in range: ClosedRange<Int>) -> Int {
        let span = UInt64(bitPattern: Int64(range.upperBound &- range.lowerBound)) &+ 1
        guard span != 0 else { return Int(truncatingIfNeeded: next()) }
        return range.lowerBound &+ Int(truncatingIfNeeded: next().multipliedFullWidth(by: span).high)
    }

    /// An independent generator for one part of a simulated world: the draws of one part do not change the draws of
    /// others.
    package mutating func split() -> SeededRandom { SeededRandom(seed: next()) }
}
