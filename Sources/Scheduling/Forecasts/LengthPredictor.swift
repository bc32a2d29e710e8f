/// What is known of an answer when its length is predicted.
public struct AnswerFacts: Sendable, Hashable {
    public var request: RequestID
    /// Tokens of the prompt.
    public var promptTokens: Int
    /// Tokens of the answer so far.
    public var generated: Int
    /// The most tokens that the answer may have (`max_tokens`, or what the context leaves).
    public var limit: Int

    public init(request: RequestID, promptTokens: Int, generated: Int, limit: Int) {
        self.request = request
        self.promptTokens = promptTokens
        self.generated = generated
        self.limit = limit
    }
}

/// Predicts how many tokens an answer will have in the end; TD-Pipe's greedy prefill stands on it.
public protocol LengthPredictor: Sendable {
    /// The name of the predictor on the command line.
    var name: String { get }
    /// Tokens of the whole answer, always more than `generated` and at most `limit` where `generated < limit`: an
    /// answer that has outlived its prediction is still expected to go on for at least one token.
    func answerTokens(_ facts: AnswerFacts) -> Int
    /// An answer came to its own end with `generated` tokens (it was not cancelled).
    mutating func observe(promptTokens: Int, generated: Int)
}
