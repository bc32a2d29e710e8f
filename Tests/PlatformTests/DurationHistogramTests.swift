import Platform
import Testing

@Suite struct DurationHistogramTests {
    private func exact(_ sorted: [Int64], _ percent: Int) -> Int64 {
        sorted[max(0, (sorted.count * percent + 99) / 100 - 1)]
    }

    /// Never below the exact percentile, and at most 1/128 above it, from nanoseconds to centuries.
    @Test func percentilesAreWithinTheResolution() throws {
        var source = SeededRandom(seed: 3)
        var histogram = DurationHistogram()
        var values: [Int64] = []
        for _ in 0..<20_000 {
            let value = Int64(source.next() >> UInt64(source.integer(in: 1...63)))
            values.append(value)
            histogram.add(nanoseconds: value)
        }
        values.sort()
        #expect(histogram.count == values.count && histogram.longest == values.last)
        for percent in [1, 5, 25, 50, 75, 90, 99, 100] {
            let (wanted, found) = (exact(values, percent), try #require(histogram.nanoseconds(percentile: percent)))
            #expect(
                found >= wanted && Double(found) <= Double(wanted) * (1 + 1.0 / 128), "\(percent): \(found), \(wanted)")
        }
    }

    @Test func smallDurationsAndTheLongestAreExact() {
        var histogram = DurationHistogram()
        for value: Int64 in 0..<256 { histogram.add(nanoseconds: value) }
        for percent in 1...100 {
            #expect(histogram.nanoseconds(percentile: percent) == exact(Array(0..<256), percent))
        }
        histogram.add(nanoseconds: .max)
        #expect(histogram.longest == .max && histogram.nanoseconds(percentile: 100) == .max)
        var one = DurationHistogram()
        one.add(nanoseconds: 1_000_000_007)
        #expect(one.nanoseconds(percentile: 50) == 1_000_000_007, "no percentile is above the longest")
    }

    @Test func withoutDurationsThereIsNoPercentile() {
        #expect(DurationHistogram().nanoseconds(percentile: 50) == nil && DurationHistogram().longest == 0)
    }
}
