/// Takes the length of an answer from its request's forecast (`RequestSpec.forecast`), which a model trained on earlier
/// answers made (TD-Pipe's AI-based prefill, arXiv 2506.10470, section 3.2). For a request without a forecast it
/// predicts what `HistoryPredictor` does.
public struct LearnedPredictor: LengthPredictor {
    public let name = "learned"
    public let respectsLimit: Bool
    private var history: HistoryPredictor

    /// - Parameter respectsLimit: see `LengthPredictor`.
    public init(respectsLimit: Bool) {
        self.respectsLimit = respectsLimit
        history = HistoryPredictor(respectsLimit: respectsLimit)
    }

    public func answerTokens(_ facts: AnswerFacts) -> Int {
        guard let forecast = facts.forecast else { return history.answerTokens(facts) }
        return facts.prediction(forecast.mean(beyond: facts.generated), respectsLimit: respectsLimit)
    }

    public func likelyLengths(_ facts: AnswerFacts) -> LikelyLengths {
        facts.forecast == nil ? history.likelyLengths(facts) : LikelyLengths(known: answerTokens(facts))
    }

    public mutating func observe(promptTokens: Int, generated: Int) {
        history.observe(promptTokens: promptTokens, generated: generated)
    }

    public mutating func observe(running answers: [AnswerFacts]) { history.observe(running: answers) }
}
