/// What the policy derives from step costs: where a stage is near its best rate.
public enum StepRates {
    /// The share of the best rate that a prefill unit must reach.
    static let enough = 0.95
    /// The fewest tokens of a prefill unit, unless the prefill chunk is smaller.
    static let leastUnit = 32

    /// Tokens of a prefill unit: the fewest, from `leastUnit` to `limit`, at which the slowest stage reaches 95 % of its
    /// best rate. In a flow shop of equal units the time is their sum and `stages - 1` times one unit, so that small
    /// units are better as long as they keep the rate.
    public static func prefillUnit(_ costs: some StepCost, limit: Int) -> Int {
        let counts = sizes(upTo: limit).filter { $0 >= min(leastUnit, limit) }
        let rates = counts.map { Double($0) / costs.slowest(.prefill(tokens: $0)) }
        let best = rates.max()!
        return counts[rates.firstIndex { $0 >= enough * best }!]
    }

    /// The best decode rate, in tokens a second of the slowest stage, over micro-batches of up to `limit` sequences that
    /// attend to `context` tokens each. The best so far and not that of the largest, since the cost of a stage may be a
    /// staircase.
    public static func peakDecodeRate(_ costs: some StepCost, limit: Int, context: Int) -> Double {
        var best = 0.0
        for size in sizes(upTo: limit) {
            best = max(best, Double(size) / costs.slowest(.decode(sequences: size, context: size * context)))
        }
        return best
    }

    /// 1, 2, 3, 4, 6, 8, 12 and so on, and `limit`.
    static func sizes(upTo limit: Int) -> [Int] {
        var sizes: [Int] = []
        var power = 1
        while power < limit {
            sizes.append(power)
            if power > 1, power / 2 * 3 < limit { sizes.append(power / 2 * 3) }
            power *= 2
        }
        return sizes + [limit]
    }
}
