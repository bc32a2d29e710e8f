import Platform

/// The times from a token of a request to its next one, over all tokens of a run. A stall of a request shows here, where
/// its mean time per token hides it.
package struct TokenGaps: Sendable, Hashable {
    /// Seconds that half of the gaps do not exceed.
    package var p50: Double
    /// Seconds that 99 % of the gaps do not exceed.
    package var p99: Double
    /// Seconds of the longest gap.
    package var longest: Double

    package init(p50: Double, p99: Double, longest: Double) {
        self.p50 = p50
        self.p99 = p99
        self.longest = longest
    }

    /// The percentiles to the resolution of the histogram; nil without gaps.
    package init?(_ gaps: DurationHistogram) {
        guard let p50 = gaps.nanoseconds(percentile: 50), let p99 = gaps.nanoseconds(percentile: 99) else { return nil }
        self.init(p50: Double(p50) * 1e-9, p99: Double(p99) * 1e-9, longest: Double(gaps.longest) * 1e-9)
    }
}
