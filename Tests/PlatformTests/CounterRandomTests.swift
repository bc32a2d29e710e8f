import Platform
import Testing

@Suite("Counter-based random numbers")
struct CounterRandomTests {
    /// Computed by an independent implementation in Python. They must never change: answers drawn with a seed would.
    @Test("fixed vectors")
    func vectors() {
        #expect(CounterRandom.mix(0) == 0xE220_A839_7B1D_CDAF)
        #expect(CounterRandom.mix(1) == 0x910A_2DEC_8902_5CC1)
        #expect(CounterRandom.mix(.max) == 0xE4D9_7177_1B65_2C20)
        #expect(CounterRandom.uniform(key: 0, position: 0) == 0x4704EB7871F97p-53)
        #expect(CounterRandom.uniform(key: 0, position: 1) == 0x5E203FC4292DDp-53)
        #expect(CounterRandom.uniform(key: 42, position: 7) == 0x41451DB3C565p-53)
        #expect(CounterRandom.uniform(key: .max, position: 1_000_000) == 0xEEEFA666F2429p-53)
    }

    @Test("a number depends on key and position alone")
    func repeatable() {
        let forwards = (0..<100).map { CounterRandom.uniform(key: 9, position: $0) }
        let backwards = (0..<100).reversed().map { CounterRandom.uniform(key: 9, position: $0) }
        #expect(forwards == backwards.reversed())
        #expect(Set(forwards).count == 100)
    }

    @Test("positions of a key are uniform, and so are keys at a position", arguments: [true, false])
    func uniform(overPositions: Bool) {
        let draws = 100_000
        let bins = 64
        var counts = [Int](repeating: 0, count: bins)
        for index in 0..<draws {
            let value =
                overPositions
                ? CounterRandom.uniform(key: 3, position: index)
                : CounterRandom.uniform(key: UInt64(index), position: 0)
            #expect((0..<1).contains(value))
            counts[Int(value * Double(bins))] += 1
        }
        let expected = Double(draws) / Double(bins)
        let statistic = counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        // Chi-square with 63 degrees of freedom: 1 in 10,000 lies above 115, and 1 in 10,000 below 27.
        #expect((27..<115).contains(statistic), "chi-square \(statistic)")
    }

    @Test("neighbouring positions are not correlated")
    func neighbours() {
        let values = (0..<50_000).map { CounterRandom.uniform(key: 1, position: $0) - 0.5 }
        for lag in 1...4 {
            let products = zip(values, values.dropFirst(lag)).map { $0 * $1 }
            // The mean of n products of independent values has the deviation 1 / (12 sqrt(n)).
            let mean = products.reduce(0, +) / Double(products.count)
            #expect(abs(mean) < 4 / (12 * Double(products.count).squareRoot()), "lag \(lag)")
        }
    }
}
