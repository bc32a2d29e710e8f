/// Predicts the length of an answer from answers to prompts of about the same length: a running mean for each octave of
/// prompt lengths (1, 2-3, 4-7, ... tokens).
///
/// Before anything was observed, 256 tokens are expected. An octave's mean counts the mean over all prompts as four
/// answers, and the mean over all prompts counts the 256 as four, so that a few answers do not decide alone. An answer
/// that has outlived its octave's mean is expected to go on for as long as earlier answers did beyond the mean. Means
/// follow the last 1,024 answers or so. Memory is constant, and so is the time of a prediction.
public struct PromptLengthPredictor: LengthPredictor {
    public let name = "prompt-length"
    public let respectsLimit: Bool
    private var all = LengthMeans()
    private var octaves = [LengthMeans](repeating: LengthMeans(), count: 32)

    /// - Parameter respectsLimit: see `LengthPredictor`.
    public init(respectsLimit: Bool) { self.respectsLimit = respectsLimit }

    public func answerTokens(_ facts: AnswerFacts) -> Int {
        let expected = mean(facts.promptTokens)
        let generated = Double(facts.generated)
        if generated < expected { return facts.prediction(expected, respectsLimit: respectsLimit) }
        let octave = octaves[Self.octave(facts.promptTokens)]
        let more = octave.excess.shrunk(towards: all.excess.shrunk(towards: expected / 2))
        return facts.prediction(generated + more, respectsLimit: respectsLimit)
    }

    public mutating func observe(promptTokens: Int, generated: Int) {
        let tokens = Double(max(1, generated))
        let expected = mean(promptTokens)
        all.add(tokens, expected: expected)
        octaves[Self.octave(promptTokens)].add(tokens, expected: expected)
    }

    private func mean(_ promptTokens: Int) -> Double {
        octaves[Self.octave(promptTokens)].length.shrunk(towards: all.length.shrunk(towards: priorAnswerTokens))
    }

    private static func octave(_ promptTokens: Int) -> Int {
        min(Int.bitWidth - 1 - max(1, promptTokens).leadingZeroBitCount, 31)
    }
}

/// The mean length of the answers, and the mean excess of those that outlived the expected length.
private struct LengthMeans: Sendable {
    var length = RunningMean()
    var excess = RunningMean()

    mutating func add(_ tokens: Double, expected: Double) {
        length.add(tokens)
        if tokens > expected { excess.add(tokens - expected) }
    }
}

/// A mean in which values before the last 1,024 or so fade out.
private struct RunningMean: Sendable {
    private var mean = 0.0
    private var count = 0.0

    mutating func add(_ value: Double) {
        count = min(count + 1, 1024)
        mean += (value - mean) / count
    }

    /// The mean with `prior` counted as four values.
    func shrunk(towards prior: Double) -> Double { (mean * count + prior * 4) / (count + 4) }
}
