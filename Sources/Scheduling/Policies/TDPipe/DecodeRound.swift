/// The sizes of the P decode micro-batches of a round.
///
/// A round lasts P times its largest micro-batch. To give each sequence a step makes some micro-batches larger than the
/// others, by one, and the stages wait for them. The other way is to make all equal and let the rest wait for the next
/// round: no stage waits, and each sequence is left out now and again. Where each row costs the same that is faster, and
/// where the cost is a staircase it keeps the micro-batches on the edge of a step; where a larger micro-batch is hardly
/// slower it is not. The step costs tell, as far as they are known: a size far from the even split must promise more
/// than their noise could feign. Otherwise the sizes would follow the noise, and leave sequences out for nothing.
struct DecodeRound: Sendable, Hashable {
    /// What another size than the nearest must gain, however well the costs are known.
    private static let gain = 1.02
    /// Standard errors of a ratio of two rates within which it says nothing.
    private static let doubt = 2.0

    /// Sequences that decode, in flight or not.
    let total: Int
    let stages: Int
    /// Seconds of the slowest stage for the largest micro-batch.
    private(set) var largestStep: Double
    /// The one size of all micro-batches; nil if each sequence takes a step.
    private var equalSize: Int?
    /// That size if it was preferred to the even split and to the nearest size.
    private var preferred: Int?

    /// A size of micro-batches, and what the costs say of it.
    private struct Candidate {
        let size: Int
        let step: Double
        /// Sequences of a micro-batch, in the mean, by the seconds of the largest.
        let rate: Double
        let uncertainty: Double

        init(size: Int, mean: Double, context: Int, costs: some StepCost) {
            let load = StepLoad.decode(sequences: size, context: size * context)
            self.size = size
            step = costs.slowest(load)
            rate = mean / step
            uncertainty = costs.uncertainty(load)
        }

        /// Whether it is better than another by more than the costs leave open, and by a gain.
        func isClearlyBetter(than other: Candidate) -> Bool {
            let error = (uncertainty * uncertainty + other.uncertainty * other.uncertainty).squareRoot()
            return rate > other.rate * (DecodeRound.gain + DecodeRound.doubt * error)
        }
    }

    /// - Parameters:
    ///   - total: at least 1.
    ///   - context: tokens that a sequence attends to.
    ///   - previous: the round before; a size that it preferred is kept while it gains anything.
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
            // One sequence less: beside each other, both times are wrong alike.
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

    /// Sizes below `least` that are looked at.
    private static func smaller(than least: Int, _ previous: Int?) -> [Int] {
        var sizes = StepRates.sizes(upTo: least).dropLast()
        if let previous, previous < least, !sizes.contains(previous) {
            sizes.insert(previous, at: sizes.firstIndex { $0 > previous } ?? sizes.endIndex)
        }
        return Array(sizes)
    }

    /// Sequences of the micro-batch `step`, at least 1.
    func size(_ step: Int) -> Int {
        equalSize ?? max(1, total / stages + (step % stages < total % stages ? 1 : 0))
    }

    /// Sequences that take a step in the round.
    var sequences: Int { equalSize.map { $0 * stages } ?? total }
}
