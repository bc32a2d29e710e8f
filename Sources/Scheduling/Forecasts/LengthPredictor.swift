/// What is known of an answer when its length is predicted.
public struct AnswerFacts: Sendable, Hashable {
    public var request: RequestID
    /// Tokens of the prompt.
    public var promptTokens: Int
    /// Tokens of the answer so far.
    public var generated: Int
    /// The most tokens that the answer may have (`max_tokens`, or what the context leaves).
    public var limit: Int
    /// What a learned predictor said of the answer before it began, if one was asked.
    public var forecast: LengthForecast?

    public init(
        request: RequestID, promptTokens: Int, generated: Int, limit: Int, forecast: LengthForecast? = nil
    ) {
        self.request = request
        self.promptTokens = promptTokens
        self.generated = generated
        self.limit = limit
        self.forecast = forecast
    }

    init(_ sequence: Sequence, forecast: LengthForecast?) {
        self.init(
            request: sequence.id, promptTokens: sequence.promptTokens, generated: sequence.generated,
            limit: sequence.maxNewTokens, forecast: forecast)
    }

    /// `tokens` as a prediction: above `generated`, and at most `limit` if the limit is respected and not yet reached.
    func prediction(_ tokens: Int, respectsLimit: Bool) -> Int {
        let ceiling = respectsLimit && generated < limit ? limit : .max
        return max(min(tokens, ceiling), generated + 1)
    }

    /// Lengths in ascending order, each rounded, as predictions.
    func predictions(_ tokens: SIMD8<Double>, respectsLimit: Bool) -> LikelyLengths {
        var lengths = SIMD8<Int32>()
        for index in lengths.indices {
            lengths[index] = Int32(min(prediction(tokens[index], respectsLimit: respectsLimit), LikelyLengths.longest))
        }
        return LikelyLengths(ascending: lengths)
    }

    /// `tokens`, rounded, as a prediction.
    func prediction(_ tokens: Double, respectsLimit: Bool) -> Int {
        prediction(Int(min(max(tokens.rounded(), 0), 1e12)), respectsLimit: respectsLimit)
    }
}

/// Predicts how many tokens an answer will have in the end; TD-Pipe's greedy prefill relies on it.
///
/// Some predictors take a flag `respectsLimit`. It is set where the limit is an honest bound (`max_tokens` of a request
/// that may stop before it). In a benchmark or a simulation that generates to the limit, the limit *is* the true
/// length, and a predictor that looked at it would cheat: there the flag is off, and predictions may exceed the limit.
public protocol LengthPredictor: Sendable {
    /// The name of the predictor on the command line.
    var name: String { get }
    /// Whether predictions are the true lengths; false unless a predictor says otherwise.
    var isExact: Bool { get }
    /// Whether predictions follow the lengths of earlier answers, so that no bias is left in them; false unless a
    /// predictor says otherwise.
    var learnsLengths: Bool { get }
    /// Tokens of the whole answer, always more than `generated`: an answer that has outlived its prediction is still
    /// expected to go on for at least one token. At most `limit` where `generated < limit`, unless the predictor does
    /// not respect the limit.
    func answerTokens(_ facts: AnswerFacts) -> Int
    /// What a plan should reckon with for the whole answer, each length above `generated`; where little is known, their
    /// mean may be above `answerTokens`. Without a predictor's own: `answerTokens`, as if it were known.
    func likelyLengths(_ facts: AnswerFacts) -> LikelyLengths
    /// A length that the whole answer may have, above `generated`. With `share` spread evenly over 0 ..< 1, the lengths
    /// follow the distribution that is known, with its long tail. Without a predictor's own: of the eight likely lengths
    /// the one at this share.
    func possibleLength(_ facts: AnswerFacts, share: Double) -> Int
    /// An answer came to its own end with `generated` tokens (it was not cancelled).
    mutating func observe(promptTokens: Int, generated: Int)
    /// An answer came to its own end; by default as `observe(promptTokens:generated:)`.
    /// - Parameter answer: with `generated` tokens in all.
    mutating func observe(_ answer: AnswerFacts)
    /// The answers under way, in any order; told before a policy plans with predictions. Does nothing by default.
    mutating func observe(running answers: [AnswerFacts])
}

extension LengthPredictor {
    public var isExact: Bool { false }
    public func likelyLengths(_ facts: AnswerFacts) -> LikelyLengths { LikelyLengths(known: answerTokens(facts)) }
    public func possibleLength(_ facts: AnswerFacts, share: Double) -> Int {
        likelyLengths(facts)[min(max(Int(share * Double(LikelyLengths.count)), 0), LikelyLengths.count - 1)]
    }
    public var learnsLengths: Bool { false }
    public mutating func observe(_ answer: AnswerFacts) {
        observe(promptTokens: answer.promptTokens, generated: answer.generated)
    }
    public mutating func observe(running answers: [AnswerFacts]) {}
}

/// Expected tokens of an answer before anything was observed: of the order of the mean of ShareGPT answers.
let priorAnswerTokens = 256.0
