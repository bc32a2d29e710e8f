/// A counter-based generator: the number at a position depends on the key and the position alone, so that a token can
/// be drawn again at any time, on any stage, in any order. The generator is two rounds of SplitMix64's finaliser.
package enum CounterRandom {
    /// A number that is uniform in 0 ..< 1, with 53 random bits.
    package static func uniform(key: UInt64, position: Int) -> Double {
        let counter = mix(key) &+ UInt64(truncatingIfNeeded: position) &* SeededRandom.increment
        return SeededRandom.unit(mix(mix(counter)))
    }

    /// Scrambles 64 bits; distinct inputs give distinct outputs.
    package static func mix(_ value: UInt64) -> UInt64 { SeededRandom.mixed(value &+ SeededRandom.increment) }
}
