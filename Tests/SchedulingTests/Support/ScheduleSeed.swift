import TestTools

extension SplitMix {
    /// The generator of a random schedule. Seeds that follow one another begin far apart.
    init(schedule seed: Int) { self.init(seed: UInt64(bitPattern: Int64(seed)) &* 0xD134_2543_DE82_EF95 &+ 1) }
}
