/// The sizes of the P decode micro-batches of a round.
///
/// A round lasts P times its largest micro-batch. If each sequence takes a step, some micro-batches are larger than the
/// others by one sequence, and the stages wait for them. The alternative is to make all micro-batches equal and let the
/// remaining sequences wait for the next round: no stage waits, and each sequence is left out now and again. Equal
/// sizes are faster where each row costs the same; where the cost is a staircase, they keep the micro-batches on the
/// edge of a step. They are not faster where a larger micro-batch is hardly slower. The step costs decide, as far as
/// they are known: a size far from the even split must promise a gain above the noise of the costs. Otherwise the sizes
/// would follow the noise, and leave sequences out for nothing.
struct DecodeRound: Sendable, Hashable {
    /// The least gain of a size other than the nearest, however well the costs are known.
    private static let gain = 1.02
    /// The number of standard errors within which a ratio of two rates is not significant.
    private static let doubt = 2.0

    /// Sequences that decode, in flight or not.
    let total: Int
    let stages: Int
    /// Seconds of the slowest stage for the largest micro-batch of the round.
    private(set) var largestStep: Double
    /// The size of all micro-batches if they are equal; nil if each sequence takes a step.
    private var equalSize: Int?
    /// The equal size, if it was preferred to both the even split and the nearest size.
    private var preferred: Int?

    /// A size of micro-batches, and its costs.
    private struct Candidate {
        let size: Int
        let step: Double
        /// The mean number of sequences in a micro-batch, divided by the seconds of the largest micro-batch.
        let rate: Double
        let uncertainty: Double

        init(size: Int, mean: Double, context: Int, costs: some StepCost) {
            let load = StepLoad.decode(sequences: size, context: size * context)
            self.size = size
            step = costs.slowest(load)
            rate = mean / step
            uncertainty = costs.uncertainty(load)
        }

        /// Whether the rate is better than that of another candidate by more than the gain and the noise of the costs.
        func isClearlyBetter(than other: Candidate) -> Bool {
            let error = (uncertainty * uncertainty + other.uncertainty * other.uncertainty).squareRoot()
            return rate > other.rate * (DecodeRound.gain + DecodeRound.doubt * error)
        }
    }

    /// - Parameters:
    ///   - total: at least 1.
    ///   - context: tokens that a sequence attends to.
    ///   - previous: the round before; its preferred size is kept while this size still reaches the least gain.
    init(total: Int, stages: Int, context: Int, costs: some StepCost, previous: DecodeRound? = nil) {
        self.total = total
        self.stages = stages
        let least = total / stages
        let most = (total + stages - 1) / stages
        let even = Candidate(size: most, mean: Double(total) / Double(stages), context: context, costs: costs)
        largestStep = even.step
        guard least > 0 else { return }
        var best = even
        if least < most {
            // Only one sequence less than the even split: the errors of the two neighbouring times are alike.
            let nearest = Candidate(size: least, mean: Double(least), context: context, costs: costs)
            if nearest.rate > even.rate { best = nearest }
        }
        for size in Self.smaller(than: least, previous?.preferred).reversed() {
            let candidate = Candidate(size: size, mean: Double(size), context: context, costs: costs)
            let isKept = size == previous?.preferred && candidate.rate > best.rate * Self.gain
            if isKept || candidate.isClearlyBetter(than: best) {
                best = candidate
                preferred = size
            }
        }
        guard best.size < most else { return }
        equalSize = best.size
        largestStep = best.step
    }

    /// The candidate sizes below `least`.
    private static func smaller(than least: Int, _ previous: Int?) -> [Int] {
        var sizes = StepRates.sizes(upTo: least).dropLast()
        if let previous, previous < least, !sizes.contains(previous) {
            sizes.insert(previous, at: sizes.firstIndex { $0 > previous } ?? sizes.endIndex)
        }
        return Array(sizes)
    }

    /// The number of sequences in the micro-batch `step`, at least 1.
    func size(_ step: Int) -> Int {
        equalSize ?? max(1, total / stages + (step % stages < total % stages ? 1 : 0))
    }

    /// Sequences that take a step in the round.
    var sequences: Int { equalSize.map { $0 * stages } ?? total }
}

/// The last round of decode micro-batches, on which the next round is based, also in the next decode phase.
struct LastRound: Sendable {
    private(set) var sizes: DecodeRound?
    /// The loads of the latest micro-batches of one phase, at most one per stage.
    private var loads: [StepLoad] = []

    /// All micro-batches of the round together; nil before the first one.
    var load: StepLoad? {
        loads.isEmpty ? nil : loads.reduce(StepLoad(tokens: 0, context: 0, sequences: 0), +)
    }

    /// The sizes for micro-batch `step` of a phase: worked out anew at the beginning of each round, and when the number
    /// of sequences changes.
    mutating func sizes(step: Int, total: Int, stages: Int, _ costs: any StepCost) -> DecodeRound {
        if let sizes, sizes.total == total, step % stages != 0 { return sizes }
        let context = load.map { $0.context / $0.sequences } ?? 1
        let next = DecodeRound(total: total, stages: stages, context: context, costs: costs, previous: sizes)
        sizes = next
        return next
    }

    /// Micro-batch `step` of a phase is issued.
    mutating func add(_ load: StepLoad, step: Int, stages: Int) {
        if step == 0 { loads.removeAll(keepingCapacity: true) }
        if loads.count == stages { loads.removeFirst() }
        loads.append(load)
    }
}

/// What the policy derives from step costs: the sizes at which a stage is near its best rate.
package enum StepRates {
    /// The share of the best rate that a prefill unit must reach.
    static let enough = 0.95
    /// The fewest tokens of a prefill unit, unless the prefill chunk is smaller.
    static let leastUnit = 32

    /// Tokens of a prefill unit: the fewest, from `leastUnit` to `limit`, at which the slowest stage reaches 95 % of
    /// its best rate. In a flow shop of equal units the time is their sum and `stages - 1` times one unit, so that
    /// small units are better as long as they keep the rate.
    package static func prefillUnit(_ costs: some StepCost, limit: Int) -> Int {
        let counts = sizes(upTo: limit).filter { $0 >= min(leastUnit, limit) }
        let rates = counts.map { Double($0) / costs.slowest(.prefill(tokens: $0)) }
        let best = rates.max()!
        return counts[rates.firstIndex { $0 >= enough * best }!]
    }

    /// The best decode rate, in tokens a second of the slowest stage, over micro-batches of up to `limit` sequences
    /// that attend to `context` tokens each. The largest micro-batch need not have the best rate, since the cost of a
    /// stage may be a staircase.
    package static func peakDecodeRate(_ costs: some StepCost, limit: Int, context: Int) -> Double {
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
