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

    /// Makes a token of its bytes and its log-probability.
    public init(bytes: [UInt8], logprob: Float) {
        self.bytes = bytes
        self.logprob = logprob
    }
}

/// One place of an answer: the drawn token and the likeliest ones, most likely first.
public struct LoggedPosition: Sendable, Hashable {
    /// The token that stands in the answer.
    public let drawn: LoggedToken
    /// The likeliest tokens, most likely first; empty unless asked for.
    public let top: [LoggedToken]

    /// Makes a place of the drawn token and the likeliest ones.
    public init(drawn: LoggedToken, top: [LoggedToken] = []) {
        self.drawn = drawn
        self.top = top
    }
}

/// One of a request's `n` answers.
public struct Choice: Sendable, Hashable {
    /// 0..<n.
    public let index: Int
    /// The answer without the stop string that ended it.
    public let text: String
    /// Why the answer ended.
    public let end: AnswerEnd
    /// The tokens of the answer; written only where the caller asks for token ids.
    public let tokenIDs: [TokenID]
    /// One entry a token, or nil where the request did not ask.
    public let logprobs: [LoggedPosition]?

    /// Makes a choice of its parts.
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
    /// Seconds since 1970, told by the caller so that the same run can give the same bytes.
    public let created: Int64
    /// The model's name as the answer gives it.
    public let model: String
    /// Names what the tokens depend on besides the request, such as the model file and the engine.
    public let systemFingerprint: String
    /// In the order of their indices.
    public let choices: [Choice]
    /// The tokens of the prompt, counted once however many choices there are.
    public let promptTokens: Int
    /// The sum over all choices.
    public let completionTokens: Int

    /// Makes a response of its parts.
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
