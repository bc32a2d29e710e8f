/// Predicts the limit: exact where a workload is generated to its known lengths, or where an answer never stops by
/// itself.
public struct OraclePredictor: LengthPredictor {
    public let name = "oracle"

    public let isExact = true

    public init() {}

    public func answerTokens(_ facts: AnswerFacts) -> Int { facts.prediction(facts.limit, respectsLimit: true) }

    public mutating func observe(promptTokens: Int, generated: Int) {}
}
