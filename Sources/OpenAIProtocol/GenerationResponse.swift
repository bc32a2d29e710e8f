import Scheduling

/// Why an answer ended.
public enum AnswerEnd: String, Sendable, Hashable {
    /// At an end-of-sequence token, a stop token or a stop string.
    case stop
    /// At `max_tokens` or at the end of the context.
    case length
}

/// A token's bytes and the natural logarithm of its probability.
public struct LoggedToken: Sendable, Hashable {
    /// The token's own bytes, which need not be whole characters.
    public let bytes: [UInt8]
    /// The natural logarithm of the token's probability; minus infinity is written as -9999.
    public let logprob: Float

    /// Makes a token from its bytes and its log-probability.
    public init(bytes: [UInt8], logprob: Float) {
        self.bytes = bytes
        self.logprob = logprob
    }
}

/// One place of an answer: the drawn token and the likeliest tokens.
public struct LoggedPosition: Sendable, Hashable {
    /// The token of the answer at this place.
    public let drawn: LoggedToken
    /// The likeliest tokens, most likely first; empty unless asked for.
    public let top: [LoggedToken]

    /// Makes a place from the drawn token and the likeliest tokens.
    public init(drawn: LoggedToken, top: [LoggedToken] = []) {
        self.drawn = drawn
        self.top = top
    }
}

/// One of a request's `n` answers.
public struct Choice: Sendable, Hashable {
    /// The answer's index, in 0..<n.
    public let index: Int
    /// The answer without the stop string that ended it.
    public let text: String
    /// Why the answer ended.
    public let end: AnswerEnd
    /// The tokens of the answer; written only where the caller asks for token ids.
    public let tokenIDs: [TokenID]
    /// One entry per token, or nil if the request did not ask for log-probabilities.
    public let logprobs: [LoggedPosition]?

    /// Makes a choice from its parts.
    public init(
        index: Int, text: String, end: AnswerEnd, tokenIDs: [TokenID] = [], logprobs: [LoggedPosition]? = nil
    ) {
        self.index = index
        self.text = text
        self.end = end
        self.tokenIDs = tokenIDs
        self.logprobs = logprobs
    }
}

/// The answer to one request.
public struct GenerationResponse: Sendable, Hashable {
    /// The kind of request that is answered, which decides the form of the body.
    public let endpoint: Endpoint
    /// Seconds since 1970; the caller sets them, so that the same run can give the same bytes.
    public let created: Int64
    /// The model's name in the answer.
    public let model: String
    /// Identifies what the tokens depend on besides the request, such as the model file and the engine.
    public let systemFingerprint: String
    /// The answers, in the order of their indices.
    public let choices: [Choice]
    /// The number of tokens of the prompt, counted once for all choices.
    public let promptTokens: Int
    /// The number of tokens of all choices together.
    public let completionTokens: Int

    /// Makes a response from its parts.
    public init(
        endpoint: Endpoint, created: Int64, model: String, systemFingerprint: String, choices: [Choice],
        promptTokens: Int, completionTokens: Int
    ) {
        self.endpoint = endpoint
        self.created = created
        self.model = model
        self.systemFingerprint = systemFingerprint
        self.choices = choices
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
    }
}
