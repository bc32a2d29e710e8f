/// How the next token is drawn from a row of logits: the parameters of the OpenAI API and its common extensions.
public struct SamplingParameters: Sendable, Hashable {
    /// 0 means greedy: the highest logit, the lowest token id on a tie.
    public var temperature: Float = 1
    /// Keep the `topK` most likely tokens; 0 keeps all.
    public var topK: Int = 0
    /// Keep the smallest set of most likely tokens whose probabilities sum to at least `topP`.
    public var topP: Float = 1
    /// Keep tokens at least `minP` times as likely as the most likely one.
    public var minP: Float = 0
    /// Divides positive and multiplies negative logits of tokens that occur in the prompt or the answer; 1 is off.
    public var repetitionPenalty: Float = 1
    /// Subtracted once from the logit of a token that the answer has used.
    public var presencePenalty: Float = 0
    /// Subtracted from a token's logit once for each time that the answer has used it.
    public var frequencyPenalty: Float = 0
    /// Added to the logits of the named tokens, before anything else.
    public var logitBias: [LogitBias] = []
    /// The key of the counter-based generator: a token depends on (key, position in the answer) and the logits alone.
    public var seedKey: UInt64 = 0
    /// Tokens that may not be drawn before the answer has `minTokens` tokens.
    public var suppressedUntilMinimum: [TokenID] = []
    /// The least number of tokens in the answer.
    public var minTokens: Int = 0
    /// nil: no log-probabilities. k: the log-probabilities of the drawn token and of the k most likely tokens.
    public var topLogprobs: Int?

    public init() {}

    public static let greedy: SamplingParameters = {
        var p = SamplingParameters()
        p.temperature = 0
        return p
    }()

    /// Whether drawing needs the tokens so far, not only the logits.
    public var needsHistory: Bool { repetitionPenalty != 1 || presencePenalty != 0 || frequencyPenalty != 0 }
}

/// One entry of `logit_bias`.
public struct LogitBias: Sendable, Hashable {
    public let token: TokenID
    public let bias: Float
    public init(token: TokenID, bias: Float) {
        self.token = token
        self.bias = bias
    }
}

/// One drawn token, with natural-log probabilities where they were asked for.
public struct SampledToken: Sendable, Hashable {
    public let token: TokenID
    public let logprob: Float?
    /// The most likely tokens, most likely first; empty unless asked for.
    public let top: [TokenLogprob]

    public init(_ token: TokenID, logprob: Float? = nil, top: [TokenLogprob] = []) {
        self.token = token
        self.logprob = logprob
        self.top = top
    }
}

/// A token and the natural logarithm of its probability.
public struct TokenLogprob: Sendable, Hashable {
    public let token: TokenID
    public let logprob: Float
    public init(token: TokenID, logprob: Float) {
        self.token = token
        self.logprob = logprob
    }
}
