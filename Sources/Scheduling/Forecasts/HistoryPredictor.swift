/// Predicts the length of an answer from those of the last answers that were longer than the answer is now.
///
/// The last `capacity` lengths are kept in order. The estimate is the mean of the lengths above `generated`, or a
/// percentile of these lengths. The mean includes a prior of four answers that go on for as long as a mean answer has
/// (at first, for 256 tokens): only the prior counts at the cold start and for an answer that outlives all others. A
/// percentile needs four longer answers; with fewer the estimate is the mean.
///
/// The first answers to end are the short ones, so early in a run the history is too low; this corrects itself, since
/// an answer is only ever compared with longer ones. A prediction takes a binary search, an observation one pass over
/// the kept lengths.
public struct HistoryPredictor: LengthPredictor {
    public enum Estimate: Sendable, Hashable {
        /// The estimate with the least error of a sum over many answers.
        case mean
        /// This share, above 0 and below 1, of the longer answers is shorter than the prediction.
        case percentile(Double)
    }
    public let estimate: Estimate
    public let respectsLimit: Bool
    private var lengths: OrderedWindow

    private static let priorAnswers = 4

    /// - Parameters:
    ///   - respectsLimit: see `LengthPredictor`.
    ///   - capacity: answers that are remembered, at least 1.
    public init(estimate: Estimate = .mean, respectsLimit: Bool, capacity: Int = 2048) {
        if case .percentile(let share) = estimate {
            precondition(share > 0 && share < 1, "a percentile of \(share); above 0 and below 1 is possible")
        }
        self.estimate = estimate
        self.respectsLimit = respectsLimit
        lengths = OrderedWindow(capacity: capacity)
    }

    public var name: String {
        switch estimate {
        case .mean: "history"
        case .percentile(let share): "history:\(Int((share * 100).rounded()))"
        }
    }

    public func answerTokens(_ facts: AnswerFacts) -> Int {
        let longer = lengths.firstIndex(above: facts.generated)
        let count = lengths.values.count - longer
        if case .percentile(let share) = estimate, count >= Self.priorAnswers {
            let index = longer + min(count - 1, Int(share * Double(count)))
            return facts.prediction(lengths.values[index], respectsLimit: respectsLimit)
        }
        let prior = Double(Self.priorAnswers)
        let mean =
            (Double(lengths.sum(from: 0)) + prior * priorAnswerTokens) / (Double(lengths.values.count) + prior)
        let generated = Double(facts.generated)
        let more = (Double(lengths.sum(from: longer)) - Double(count) * generated + prior * mean)
        return facts.prediction(generated + more / (Double(count) + prior), respectsLimit: respectsLimit)
    }

    public mutating func observe(promptTokens: Int, generated: Int) { lengths.add(generated) }
}
