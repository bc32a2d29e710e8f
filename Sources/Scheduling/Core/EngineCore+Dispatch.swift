extension EngineCore {
    /// Asks the policy for micro-batches until it has none.
    mutating func schedule(at now: Instant, into actions: inout [EngineAction]) {
        while let plan = policy.plan(view(at: now)) {
            precondition(!plan.items.isEmpty, "\(policy.name) planned an empty micro-batch")
            for slot in plan.preempted { preempt(slot) }
            actions.append(.dispatch(apply(plan, at: now)))
        }
    }

    func view(at now: Instant) -> SchedulerView {
        SchedulerView(
            configuration: configuration, sequences: sequences, waitingSlots: waiting, activeSlots: active,
            freeBlocks: pool.freeCount, inFlight: inFlight.count, prefillsInFlight: prefillsInFlight, now: now)
    }

    /// Recompute preemption: the sequence gives up its blocks and goes to the front of the waiting queue.
    private mutating func preempt(_ slot: Int) {
        precondition(sequences[slot]?.place == .active, "\(policy.name) preempted a sequence that holds no blocks")
        precondition(sequences[slot]!.inFlight == 0, "\(policy.name) preempted a sequence in flight")
        active.remove(at: activeIndex(of: slot))
        pool.give(sequences[slot]!.blocks)
        counters.preemptions += 1
        counters.recomputedTokens += sequences[slot]!.computed
        sequences[slot]!.blocks = []
        sequences[slot]!.computed = 0
        sequences[slot]!.issued = 0
        sequences[slot]!.place = .waiting
        waiting.prepend(slot)
    }

    private mutating func apply(_ plan: StepPlan, at now: Instant) -> MicroBatch {
        var slices: [SequenceSlice] = []
        var parts: [InFlightBatch.Part] = []
        slices.reserveCapacity(plan.items.count)
        parts.reserveCapacity(plan.items.count)
        var prefill = 0
        var decode = 0
        for item in plan.items {
            let slot = item.slot
            precondition(sequences[slot] != nil, "\(policy.name) planned a sequence that is not live")
            let isDecode = sequences[slot]!.remaining == 1 && sequences[slot]!.generated > 0
            precondition(!isDecode || sequences[slot]!.inFlight == 0, "\(policy.name) planned a token not yet known")
            activate(slot)
            slices.append(slice(slot, tokens: item.tokens))
            parts.append(.init(slot: slot, end: sequences[slot]!.issued, samples: slices.last!.sampling != nil))
            if isDecode { decode += item.tokens } else { prefill += item.tokens }
        }
        let phase: Phase = decode == 0 ? .prefill : prefill == 0 ? .decode : .mixed
        let window = phase == .prefill ? configuration.prefillWindow : configuration.stages
        precondition(inFlight.count < window, "\(policy.name) overfilled the window of \(window) micro-batches")
        precondition(active.count <= configuration.maxSequences, "\(policy.name) activated too many sequences")
        let id = MicroBatchID(nextMicroBatch)
        nextMicroBatch += 1
        if phase == .prefill { prefillsInFlight += 1 }
        inFlight.append(
            InFlightBatch(
                id: id, phase: phase, parts: parts, prefillTokens: prefill, decodeTokens: decode, dispatched: now))
        counters.microBatches += 1
        counters.blocksPeak = max(counters.blocksPeak, pool.usedCount)
        return MicroBatch(id: id, phase: phase, slices: slices)
    }

    private mutating func activate(_ slot: Int) {
        guard sequences[slot]!.place == .waiting else { return }
        if waiting.first == slot { waiting.removeFirst() } else { waiting.remove(at: waiting.firstIndex(of: slot)!) }
        active.insert(slot, at: activeIndex(of: slot))
        sequences[slot]!.place = .active
    }

    /// Cuts the next `count` tokens of a sequence and takes the blocks that they need.
    private mutating func slice(_ slot: Int, tokens count: Int) -> SequenceSlice {
        let start = sequences[slot]!.issued
        let known = sequences[slot]!.tokens.count
        precondition(count > 0 && count <= known - start, "\(policy.name) planned \(count) of \(known - start) tokens")
        let end = start + count
        while sequences[slot]!.blocks.count < configuration.blocks(forTokens: end) {
            sequences[slot]!.blocks.append(pool.take())
        }
        sequences[slot]!.issued = end
        sequences[slot]!.inFlight += 1
        let sequence = sequences[slot]!
        let parameters = sequence.spec.sampling
        let sampling =
            end < known
            ? nil
            : SamplingTask(
                parameters: parameters, generated: sequence.generated,
                history: parameters.needsHistory ? sequence.tokens : [])
        return SequenceSlice(
            request: sequence.spec.id, start: start, tokens: Array(sequence.tokens[start..<end]),
            blocks: sequence.blocks, sampling: sampling)
    }
}
