/// The sizes of the P decode micro-batches of a round.
///
/// A round lasts P times its largest micro-batch. To give each sequence a step makes some micro-batches larger than the
/// others, by one, and the stages wait for them. The other way is to make all equal and let the rest wait for the next
/// round: no stage waits, and each sequence is left out now and again. Where each row costs the same that is faster, and
/// where the cost is a staircase it keeps the micro-batches on the edge of a step; where a larger micro-batch is hardly
/// slower it is not. The step costs tell.
struct DecodeRound: Sendable, Hashable {
    /// What another size than the nearest must gain: costs are not known better than that.
    private static let gain = 1.02

    /// Sequences that decode, in flight or not.
    let total: Int
    let stages: Int
    /// Seconds of the slowest stage for the largest micro-batch.
    private(set) var largestStep: Double
    /// The one size of all micro-batches; nil if each sequence takes a step.
    private var equalSize: Int?

    /// - Parameters:
    ///   - total: at least 1.
    ///   - context: tokens that a sequence attends to.
    init(total: Int, stages: Int, context: Int, costs: some StepCost) {
        self.total = total
        self.stages = stages
        let least = total / stages
        let most = (total + stages - 1) / stages
        largestStep = costs.slowest(.decode(sequences: most, context: most * context))
        guard least > 0 else { return }
        var best = Double(total) / Double(stages) / largestStep
        for size in StepRates.sizes(upTo: least).reversed() where size < most {
            let step = costs.slowest(.decode(sequences: size, context: size * context))
            let rate = Double(size) / step
            if rate > best * (size == least ? 1 : Self.gain) {
                best = rate
                equalSize = size
                largestStep = step
            }
        }
    }

    /// Sequences of the micro-batch `step`, at least 1.
    func size(_ step: Int) -> Int {
        equalSize ?? max(1, total / stages + (step % stages < total % stages ? 1 : 0))
    }

    /// Sequences that take a step in the round.
    var sequences: Int { equalSize.map { $0 * stages } ?? total }
}
