/// Expects the same length of every answer; one more token of an answer that has outlived this length.
public struct ConstantPredictor: LengthPredictor {
    /// The expected length of every answer, at least 1.
    public let tokens: Int
    public let respectsLimit: Bool

    /// - Parameter respectsLimit: see `LengthPredictor`.
    public init(tokens: Int, respectsLimit: Bool) {
        precondition(tokens > 0, "an answer of \(tokens) tokens; at least 1 is possible")
        self.tokens = tokens
        self.respectsLimit = respectsLimit
    }

    public var name: String { "constant:\(tokens)" }

    public func answerTokens(_ facts: AnswerFacts) -> Int { facts.prediction(tokens, respectsLimit: respectsLimit) }

    public mutating func observe(promptTokens: Int, generated: Int) {}
}
