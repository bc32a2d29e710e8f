import Scheduling

/// The changes of logits that a request asks for, applied in this order: bias, repetition, presence and frequency,
/// suppression.
struct LogitAdjustments {
    let task: SamplingTask
    let vocabulary: Int

    func apply(_ logits: UnsafeMutablePointer<Float>) {
        let parameters = task.parameters
        for entry in parameters.logitBias where contains(entry.token) { logits[Int(entry.token)] += entry.bias }
        if parameters.needsHistory { applyPenalties(logits) }
        if task.generated < parameters.minTokens {
            for token in parameters.suppressedUntilMinimum where contains(token) { logits[Int(token)] = -.infinity }
        }
    }

    private func contains(_ token: TokenID) -> Bool { token >= 0 && Int(token) < vocabulary }

    /// The repetition penalty counts tokens of the prompt and the answer; the presence and frequency penalties count
    /// tokens of the answer, as in vLLM and OpenAI's API.
    private func applyPenalties(_ logits: UnsafeMutablePointer<Float>) {
        let parameters = task.parameters
        var seen = Set<TokenID>()
        if parameters.repetitionPenalty != 1 {
            for token in task.history where contains(token) && seen.insert(token).inserted {
                let logit = logits[Int(token)]
                logits[Int(token)] =
                    logit > 0 ? logit / parameters.repetitionPenalty : logit * parameters.repetitionPenalty
            }
        }
        guard parameters.presencePenalty != 0 || parameters.frequencyPenalty != 0 else { return }
        var counts: [TokenID: Int] = [:]
        for token in task.history.suffix(task.generated) where contains(token) { counts[token, default: 0] += 1 }
        // Each token's logit is changed once, so the dictionary's order does not affect the result.
        for (token, count) in counts {
            logits[Int(token)] -= parameters.presencePenalty + parameters.frequencyPenalty * Float(count)
        }
    }
}
