import Platform

/// Lengths whose logarithms are normally distributed, rounded to whole tokens and cut off at both ends.
public struct LogNormalLengths: Sendable, Hashable {
    /// Mean of the natural logarithm before the cut.
    public let mu: Double
    /// Standard deviation of the natural logarithm before the cut.
    public let sigma: Double
    /// Lengths outside this range are drawn again.
    public let range: ClosedRange<Int>

    /// - Parameter range: within 1...2^30.
    /// - Throws: `invalid_setting` for another range, a sigma below 0 or above 8, or a mu outside -8...24.
    public init(mu: Double, sigma: Double, range: ClosedRange<Int>) throws(SimulationError) {
        guard (-8...24).contains(mu), (0...8).contains(sigma) else {
            throw SimulationError(
                .invalidSetting, "lengths of mu \(mu) and sigma \(sigma); -8...24 and 0...8 are possible")
        }
        guard range.lowerBound >= 1, range.upperBound <= 1 << 30 else {
            throw SimulationError(
                .invalidSetting, "lengths in \(range.lowerBound)...\(range.upperBound); 1...\(1 << 30) are possible")
        }
        self.init(known: mu, sigma, range)
    }

    /// For values that are known to be valid.
    init(known mu: Double, _ sigma: Double, _ range: ClosedRange<Int>) {
        self.mu = mu
        self.sigma = sigma
        self.range = range
    }

    /// Draws a length. After a thousand draws outside the range, clamps the last one to it.
    package func draw(_ source: inout SeededRandom) -> Int {
        var length = 0
        for _ in 0..<1000 {
            length = Int(min(Math.exponential(mu + sigma * source.normal()).rounded(), 0x1p40))
            if range.contains(length) { return length }
        }
        return min(max(length, range.lowerBound), range.upperBound)
    }
}
