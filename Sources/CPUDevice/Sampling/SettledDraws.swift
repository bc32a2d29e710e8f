import Scheduling

extension SamplingParameters {
    /// Whether the likeliest token is drawn with certainty.
    var isGreedy: Bool {
        // With a temperature that no f32 can divide by, the draw is certain.
        !(temperature > 0) || topK == 1 || !(1 / temperature < .infinity)
    }
}

extension SamplingTask {
    /// Whether the draw is the row's highest logit as the model gives it: no logit is adjusted, no log-probability is
    /// reported and nothing is left to chance.
    var isSettledByHighest: Bool {
        let isSuppressed = generated < parameters.minTokens && !parameters.suppressedUntilMinimum.isEmpty
        return parameters.isGreedy && parameters.topLogprobs == nil && parameters.logitBias.isEmpty
            && !parameters.needsHistory && !isSuppressed
    }
}
