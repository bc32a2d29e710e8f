/// Hybrid batching (HB) with chunked prefill, as in Sarathi-Serve: each micro-batch has a token budget. All sequences
/// that can take a decode step come first, one token each; prompts fill the rest, and the last is cut at the budget.
///
/// A sequence in flight is skipped. At most one micro-batch a stage is in flight.
public struct HybridPolicy: SchedulingPolicy {
    public let name = "hybrid"

    public init() {}

    public mutating func plan(_ view: SchedulerView) -> StepPlan? {
        guard view.inFlight < view.configuration.stages else { return nil }
        let budget = view.configuration.prefillChunk
        let active = view.active
        var builder = MicroBatchBuilder(view, expecting: active.count / view.configuration.stages)
        var begun: [Int] = []
        for index in active.indices {
            let sequence = active[index]
            if sequence.isInFlight || builder.isPreempted(sequence) { continue }
            if sequence.isDecoding {
                _ = builder.addPreempting(sequence, tokens: 1)
            } else {
                begun.append(index)
            }
        }
        for index in begun {
            let sequence = active[index]
            let count = min(sequence.remaining, budget - builder.tokens)
            guard count > 0 else { break }
            if builder.isPreempted(sequence) { continue }
            guard builder.addPreempting(sequence, tokens: count) else { break }
        }
        if builder.plan.preempted.isEmpty { admitWaiting(view, budget: budget, into: &builder) }
        return builder.result
    }
}
