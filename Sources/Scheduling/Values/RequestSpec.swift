/// What the core knows of a request: numbers only.
public struct RequestSpec: Sendable, Hashable {
    public var id: RequestID
    /// At least one token.
    public var prompt: [TokenID]
    /// The most tokens to generate; nil: as many as the context length allows. A request with nil is refused in
    /// mid-answer if it grows past the KV pool.
    public var maxNewTokens: Int?
    /// Tokens that end the answer once it has `sampling.minTokens` tokens.
    public var stopTokens: [TokenID]
    public var sampling: SamplingParameters
    /// What a learned predictor expects of the answer; nil where none was asked.
    public var forecast: LengthForecast?

    public init(
        id: RequestID, prompt: [TokenID], maxNewTokens: Int?, stopTokens: [TokenID] = [],
        sampling: SamplingParameters = .greedy, forecast: LengthForecast? = nil
    ) {
        self.id = id
        self.prompt = prompt
        self.maxNewTokens = maxNewTokens
        self.stopTokens = stopTokens
        self.sampling = sampling
        self.forecast = forecast
    }
}

/// Why a request's answer ended.
public enum FinishReason: Sendable, Hashable {
    /// The model drew this stop token; it is the last emitted token.
    case stopToken(TokenID)
    /// The caller found the end of the answer in the text (a stop string).
    case stopped
    /// The answer has `maxNewTokens` tokens.
    case length
    /// The caller gave up the request.
    case cancelled
}

/// Why a request can never run here.
public struct AdmissionError: Error, Sendable, Hashable, CustomStringConvertible {
    public struct Code: Sendable, Hashable {
        public let name: String
        public static let emptyPrompt = Code(name: "empty_prompt")
        public static let invalidMaxTokens = Code(name: "invalid_max_tokens")
        public static let contextLengthExceeded = Code(name: "context_length_exceeded")
        public static let kvPoolExceeded = Code(name: "kv_pool_exceeded")
    }
    public let code: Code
    /// Names the limit and the given value.
    public let message: String
    public var description: String { message }
}
