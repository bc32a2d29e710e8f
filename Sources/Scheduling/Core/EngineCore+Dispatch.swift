extension EngineCore {
    /// Asks the policy for micro-batches until it has none.
    mutating func schedule(at now: Instant, into actions: inout [EngineAction]) {
        while let plan = policy.plan(view) {
            precondition(!plan.items.isEmpty, "\(policy.name) planned an empty micro-batch")
            for slot in plan.preempted { preempt(slot) }
            actions.append(.dispatch(apply(plan, at: now)))
        }
    }

    var view: SchedulerView {
        SchedulerView(
            configuration: configuration, sequences: sequences, waitingSlots: waiting, activeSlots: active,
            freeBlocks: pool.freeCount, inFlight: inFlight.count, prefillsInFlight: prefillsInFlight)
    }

    /// Recompute preemption: the sequence gives up its blocks and goes to the front of the waiting queue.
    private mutating func preempt(_ slot: Int) {
        precondition(sequences[slot]?.place == .active, "\(policy.name) preempted a sequence that holds no blocks")
        precondition(sequences[slot]!.inFlight == 0, "\(policy.name) preempted a sequence in flight")
        active.remove(at: activeIndex(of: slot))
        counters.preemptions += 1
        counters.recomputedTokens += sequences[slot]!.computed
        pool.give(sequences[slot]!.forget())
        sequences[slot]!.place = .waiting
        waiting.insert(slot, at: waitingIndex(of: slot))
    }

    private mutating func apply(_ plan: StepPlan, at now: Instant) -> MicroBatch {
        let id = MicroBatchID(nextMicroBatch)
        nextMicroBatch += 1
        var slices: [SequenceSlice] = []
        var parts: [InFlightBatch.Part] = []
        slices.reserveCapacity(plan.items.count)
        parts.reserveCapacity(plan.items.count)
        var prefill = 0
        var decode = 0
        var load = StepLoad(tokens: 0, context: 0, sequences: 0)
        for item in plan.items {
            let isDecode = check(item, in: id)
            activate(item.slot)
            let slice = sequences[item.slot]!.issue(item.tokens, in: id, from: &pool, configuration: configuration)
            parts.append(.init(slot: item.slot, end: slice.start + item.tokens, samples: slice.sampling != nil))
            slices.append(slice)
            load =
                load + .prefill(tokens: item.tokens, from: slice.start, isLast: slice.sampling != nil)
            if isDecode { decode += 1 } else { prefill += item.tokens }
        }
        let phase: Phase = decode == 0 ? .prefill : prefill == 0 ? .decode : .mixed
        checkWindow(phase, prefillTokens: prefill)
        if phase == .prefill { prefillsInFlight += 1 }
        inFlight.append(
            InFlightBatch(
                id: id, phase: phase, parts: parts, prefillTokens: prefill, decodeTokens: decode, load: load,
                dispatched: now, predictedPeakBlocks: plan.predictedPeakBlocks, decision: plan.decision))
        counters.microBatches += 1
        counters.blocksPeak = max(counters.blocksPeak, pool.usedCount)
        return MicroBatch(id: id, phase: phase, slices: slices)
    }

    /// Holds an item of a plan to the account. Returns whether it is a decode step.
    private func check(_ item: StepPlan.Item, in batch: MicroBatchID) -> Bool {
        precondition(sequences.indices.contains(item.slot), "\(policy.name) planned for a slot that does not exist")
        precondition(sequences[item.slot] != nil, "\(policy.name) planned a sequence that is not live")
        precondition(sequences[item.slot]!.place != .leaving, "\(policy.name) planned a sequence that has ended")
        precondition(sequences[item.slot]!.lastMicroBatch != batch, "\(policy.name) planned a sequence twice")
        let remaining = sequences[item.slot]!.remaining
        precondition(item.tokens > 0 && item.tokens <= remaining, "\(policy.name) planned tokens that are not known")
        return sequences[item.slot]!.isDecoding
    }

    /// Holds a new micro-batch to the budget and to the windows of prefill and of decode.
    private func checkWindow(_ phase: Phase, prefillTokens: Int) {
        let limit = phase == .prefill ? configuration.prefillWindow : configuration.stages
        let others = phase == .prefill ? prefillsInFlight : inFlight.count - prefillsInFlight
        precondition(others < limit, "\(policy.name) overfilled the window of \(limit) micro-batches")
        precondition(prefillTokens <= configuration.prefillChunk, "\(policy.name) planned too many prompt tokens")
        precondition(active.count <= configuration.maxSequences, "\(policy.name) activated too many sequences")
    }

    private mutating func activate(_ slot: Int) {
        guard sequences[slot]!.place == .waiting else { return }
        waiting.remove(at: waitingIndex(of: slot))
        active.insert(slot, at: activeIndex(of: slot))
        sequences[slot]!.place = .active
    }
}
