/// Predicts the length of an answer from the last answers that ended and from those that still run, by the
/// Kaplan-Meier estimate.
///
/// The last `capacity` lengths are kept. The estimate is the mean of the answers that are longer than the answer is now,
/// or a percentile of them. The mean includes a prior of four answers that go on for as long as a mean answer has (at
/// first, for 256 tokens): only the prior counts at the cold start and for an answer that outlives all others. A
/// percentile needs four longer answers; with fewer, or where most of the longer answers still run, the estimate is the
/// mean.
///
/// The first answers to end are the short ones. An answer that still runs counts as one whose length is at least what it
/// has (`observe(running:)`), so early in a run the estimate is not too short. A prediction takes a binary search, an
/// observation one pass over the kept lengths.
public struct HistoryPredictor: LengthPredictor {
    public enum Estimate: Sendable, Hashable {
        /// The estimate with the least error of a sum over many answers.
        case mean
        /// This share, above 0 and below 1, of the longer answers is shorter than the prediction.
        case percentile(Double)
    }
    public let estimate: Estimate
    public let respectsLimit: Bool
    public var learnsLengths: Bool { true }
    private var lengths: OrderedWindow
    private var curve = SurvivalCurve(lengths: [], running: [])
    private var isToldOfRunning = false

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
        if case .percentile(let share) = estimate, let tokens = curve.percentile(share, beyond: facts.generated) {
            return facts.prediction(tokens, respectsLimit: respectsLimit)
        }
        let tokens = Double(facts.generated) + curve.residual(beyond: facts.generated)
        return facts.prediction(tokens, respectsLimit: respectsLimit)
    }

    public func likelyLengths(_ facts: AnswerFacts) -> LikelyLengths {
        guard estimate == .mean else { return LikelyLengths(known: answerTokens(facts)) }
        let residuals = curve.likelyResiduals(beyond: facts.generated)
        return facts.predictions(Double(facts.generated) + residuals, respectsLimit: respectsLimit)
    }

    public func possibleLength(_ facts: AnswerFacts, share: Double) -> Int {
        let residual = curve.possibleResidual(beyond: facts.generated, share: share)
        return facts.prediction(Double(facts.generated) + residual, respectsLimit: respectsLimit)
    }

    public mutating func observe(promptTokens: Int, generated: Int) {
        lengths.add(generated)
        // Whoever tells of running answers does so before the next prediction.
        if !isToldOfRunning { curve = SurvivalCurve(lengths: lengths.values, running: []) }
    }

    public mutating func observe(running answers: [AnswerFacts]) {
        isToldOfRunning = true
        curve = SurvivalCurve(lengths: lengths.values, running: answers.map(\.generated))
    }
}
