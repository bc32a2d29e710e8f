/// A counter-based generator: the number at a position depends on the key and the position alone, so that a token can
/// be drawn again at any time, on any stage, in any order. Two rounds of SplitMix64's finaliser.
public enum CounterRandom {
    /// Uniform in 0 ..< 1, with 53 random bits.
    public static func uniform(key: UInt64, position: Int) -> Double {
        let counter = mix(key) &+ UInt64(truncatingIfNeeded: position) &* 0x9E37_79B9_7F4A_7C15
        return Double(mix(mix(counter)) >> 11) * 0x1p-53
    }

    /// Scrambles 64 bits; distinct inputs give distinct outputs.
    public static func mix(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
