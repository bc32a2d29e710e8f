/// Separate batching (SB): a micro-batch holds prompts only, or decode steps only, and prompts come first.
///
/// As in vLLM's first scheduler: whenever a stage is free and a waiting prompt fits, it is prefilled; otherwise all
/// sequences that are not in the pipe take a decode step. A prompt longer than the prefill chunk is cut.
public struct SeparatePolicy: SchedulingPolicy {
    public let name = "separate"

    public init() {}

    public mutating func plan(_ view: SchedulerView) -> StepPlan? {
        guard view.inFlight < view.configuration.stages else { return nil }
        return prefill(view) ?? decode(view)
    }

    private func prefill(_ view: SchedulerView) -> StepPlan? {
        var builder = MicroBatchBuilder(view)
        let budget = view.configuration.prefillChunk
        for sequence in view.active where !sequence.isInFlight && !sequence.isDecoding {
            let count = min(sequence.remaining, budget - builder.tokens)
            guard count > 0, builder.add(sequence, tokens: count) else { break }
        }
        admitWaiting(view, budget: budget, into: &builder)
        return builder.result
    }

    private func decode(_ view: SchedulerView) -> StepPlan? {
        var builder = MicroBatchBuilder(view, expecting: view.active.count / view.configuration.stages)
        for sequence in view.active where !sequence.isInFlight && sequence.isDecoding {
            if !builder.isPreempted(sequence) { _ = builder.addPreempting(sequence, tokens: 1) }
        }
        if builder.isEmpty {
            // Only prompts under way are idle, and blocks are short: the earliest one goes on at the later ones' cost.
            let idle = view.active.first { !$0.isInFlight }
            if let idle {
                _ = builder.addPreempting(idle, tokens: min(idle.remaining, view.configuration.prefillChunk))
            }
        }
        return builder.result
    }
}

/// Admits waiting prompts in order until the token budget, the sequence limit or the blocks run out. A prompt is begun
/// only if all of it fits and 1 % of the pool stays in reserve, so that running sequences can still grow.
func admitWaiting(_ view: SchedulerView, budget: Int, into builder: inout MicroBatchBuilder) {
    guard !view.waiting.isEmpty, builder.tokens < budget else { return }
    guard builder.activeCount < view.configuration.maxSequences else { return }
    let reserve = view.configuration.blockCount / 100 + 1
    // Blocks that prompts under way, or begun here, will need beyond those that their present chunks take.
    var promised = 0
    for sequence in view.active where sequence.remaining > 0 && !sequence.isDecoding {
        promised += builder.blocksNeeded(sequence, tokens: sequence.remaining)
    }
    promised -= builder.prefillBlocks
    for sequence in view.waiting {
        guard builder.tokens < budget, builder.activeCount < view.configuration.maxSequences else { return }
        let whole = builder.blocksNeeded(sequence, tokens: sequence.remaining)
        let count = min(sequence.remaining, budget - builder.tokens)
        let alone = builder.activeCount == 0
        guard alone || whole + promised + reserve <= builder.freeBlocks else { return }
        guard builder.add(sequence, tokens: count) else { return }
        promised += whole - builder.blocksNeeded(sequence, tokens: count)
    }
}
