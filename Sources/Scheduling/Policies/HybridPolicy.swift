/// Hybrid batching (HB) with chunked prefill, as Sarathi-Serve does it: each micro-batch has a budget of tokens; all
/// sequences that can take a decode step come first, one token each, and prompts fill the rest, cut where it ends.
///
/// A sequence in flight is skipped. At most one micro-batch a stage is in flight.
public struct HybridPolicy: SchedulingPolicy {
    public let name = "hybrid"

    public init() {}

    public mutating func plan(_ view: SchedulerView) -> StepPlan? {
        guard view.inFlight < view.configuration.stages else { return nil }
        let budget = view.configuration.prefillChunk
        var builder = MicroBatchBuilder(view)
        for sequence in view.active where !sequence.isInFlight && sequence.isDecoding {
            if !builder.isPreempted(sequence) { _ = builder.addPreempting(sequence, tokens: 1) }
        }
        for sequence in view.active where !sequence.isInFlight && !sequence.isDecoding {
            let count = min(sequence.remaining, budget - builder.tokens)
            guard count > 0 else { break }
            if builder.isPreempted(sequence) { continue }
            guard builder.addPreempting(sequence, tokens: count) else { break }
        }
        if builder.plan.preempted.isEmpty { admitWaiting(view, budget: budget, into: &builder) }
        return builder.result
    }
}
