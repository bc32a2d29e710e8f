/// The median and the tail of a latency over the requests of a run.
package struct LatencyPercentiles: Sendable, Hashable {
    /// Seconds that half of the requests do not exceed.
    package var p50: Double
    /// Seconds that 99 % of the requests do not exceed.
    package var p99: Double

    package init(p50: Double, p99: Double) {
        self.p50 = p50
        self.p99 = p99
    }

    /// The percentiles of one value per request, by nearest rank: P99 is the least value that at least 99 % of the
    /// values do not exceed. Values that are not finite are left out; nil if no value is left.
    package init?(ofSeconds values: [Double]) {
        let sorted = values.filter(\.isFinite).sorted()
        guard !sorted.isEmpty else { return nil }
        func percentile(_ percent: Int) -> Double { sorted[max(0, (sorted.count * percent + 99) / 100 - 1)] }
        self.init(p50: percentile(50), p99: percentile(99))
    }
}
