import CKernels
import Platform
import Scheduling

/// Draws tokens from logits. The sampler has no state: the same logits and task give the same token.
struct Sampler: @unchecked Sendable {
    // Unchecked: a table of C functions and a number.
    let kernels: tw_kernels
    let vocabulary: Int

    /// Draws one token from `vocabulary` logits, which it overwrites.
    func draw(_ logits: UnsafeMutablePointer<Float>, _ task: SamplingTask) -> SampledToken {
        let report = task.parameters.topLogprobs.map { LogprobReport(self, logits, top: $0) }
        LogitAdjustments(task: task, vocabulary: vocabulary).apply(logits)
        let token = pick(logits, task)
        return report?.describe(token) ?? SampledToken(token)
    }

    private func pick(_ logits: UnsafeMutablePointer<Float>, _ task: SamplingTask) -> TokenID {
        let parameters = task.parameters
        var highest: Float = 0
        let best = kernels.argmax(logits, Int64(vocabulary), &highest)
        // All logits are NaN or -infinity: the model is broken. Drawing token 0 lets the other rows continue.
        guard best >= 0, highest > -.infinity else { return 0 }
        // With +infinity the draw is certain.
        guard !parameters.isGreedy, highest < .infinity else { return TokenID(best) }
        let scale = 1 / parameters.temperature
        let sum = kernels.exp_sum(logits, Int64(vocabulary), highest, scale, logits)
        let uniform = CounterRandom.uniform(key: parameters.seedKey, position: task.generated)
        if parameters.topK == 0 && parameters.topP >= 1 && parameters.minP <= 0 {
            return walk(logits, target: uniform * sum) ?? TokenID(best)
        }
        let kept = candidates(logits, sum: sum, parameters)
        var target = uniform * kept.reduce(0) { $0 + Double($1.weight) }
        for candidate in kept {
            target -= Double(candidate.weight)
            if target < 0 { return candidate.token }
        }
        return kept.last?.token ?? TokenID(best)
    }

    /// The token at which the running sum of the weights passes `target`, in the order of token ids.
    private func walk(_ weights: UnsafePointer<Float>, target: Double) -> TokenID? {
        var rest = target
        var last: TokenID?
        for token in 0..<vocabulary where weights[token] > 0 {
            rest -= Double(weights[token])
            last = TokenID(token)
            if rest < 0 { return last }
        }
        return last
    }

    private struct Candidate {
        let token: TokenID
        let weight: Float
    }

    /// The tokens that pass min-p, then top-k, then top-p, most likely first. Weights are relative to the likeliest
    /// token (1).
    private func candidates(
        _ weights: UnsafePointer<Float>, sum: Double, _ parameters: SamplingParameters
    ) -> [Candidate] {
        let wanted = parameters.topK == 0 ? vocabulary : min(parameters.topK, vocabulary)
        let wholeMass = parameters.topK == 0 && parameters.minP <= 0 ? sum : nil
        // Collect the likely tokens first; lower the floor only if they are too few to decide what is kept.
        var kept: [Candidate] = []
        for floor: Float in [1e-2, 1e-4, 1e-6, 0] {
            let least = max(floor, parameters.minP)
            kept = above(least, weights)
            let mass = kept.reduce(0) { $0 + Double($1.weight) }
            let settled = kept.count >= wanted || least <= parameters.minP
            if settled { break }
            if let wholeMass, parameters.topP < 1, mass >= Double(parameters.topP) * wholeMass { break }
        }
        kept.sort { ($0.weight, $1.token) > ($1.weight, $0.token) }
        if kept.count > wanted { kept.removeLast(kept.count - wanted) }
        if parameters.topP < 1 { cut(&kept, topP: parameters.topP, sum: wholeMass) }
        return kept
    }

    private func above(_ least: Float, _ weights: UnsafePointer<Float>) -> [Candidate] {
        var kept: [Candidate] = []
        for token in 0..<vocabulary where weights[token] >= least && weights[token] > 0 {
            kept.append(Candidate(token: TokenID(token), weight: weights[token]))
        }
        return kept
    }

    /// Keeps the shortest prefix with at least `topP` of the mass: of the mass of the whole vocabulary (`sum`), or of
    /// the tokens that min-p and top-k kept if `sum` is nil.
    private func cut(_ kept: inout [Candidate], topP: Float, sum: Double?) {
        let target = Double(topP) * (sum ?? kept.reduce(0) { $0 + Double($1.weight) })
        var mass = 0.0
        for index in kept.indices {
            mass += Double(kept[index].weight)
            if mass >= target {
                kept.removeLast(kept.count - index - 1)
                return
            }
        }
    }
}
