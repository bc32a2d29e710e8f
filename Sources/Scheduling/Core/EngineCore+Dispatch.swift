extension EngineCore {
    /// Asks the policy for micro-batches until it has none.
    mutating func schedule(at now: Instant, into actions: inout [EngineAction]) {
        while lostStages.isEmpty, let plan = policy.plan(view) {
            precondition(!plan.items.isEmpty, "\(policy.name) planned an empty micro-batch")
            for slot in plan.preempted { preempt(slot) }
            actions.append(.dispatch(apply(plan, at: now)))
        }
    }

    /// What the policy sees now.
    package var view: SchedulerView {
        SchedulerView(
            configuration: configuration, sequences: sequences, forecasts: forecasts, waitingSlots: waiting,
            activeSlots: active, freeBlocks: kvBlocks.freeCount, inFlight: inFlight.count,
            prefillsInFlight: prefillsInFlight)
    }

    /// Recompute preemption: the sequence gives up its blocks and goes to the front of the waiting queue.
    private mutating func preempt(_ slot: Int) {
        precondition(sequences[slot].place == .active, "\(policy.name) preempted a sequence that holds no blocks")
        precondition(sequences[slot].inFlight == 0, "\(policy.name) preempted a sequence in flight")
        active.remove(at: activeIndex(of: slot))
        counters.preemptions += 1
        beginAgain(slot)
    }

    /// A sequence that was taken out of the active list gives up its blocks and waits to be computed again.
    mutating func beginAgain(_ slot: Int) {
        counters.recomputedTokens += sequences[slot].computed
        contents[slot].settle()
        kvBlocks.rollBack(&contents[slot].table, toTokens: 0, inFlight: sequences[slot].inFlight)
        sequences[slot].blocksHeld = 0
        sequences[slot].computed = 0
        sequences[slot].issued = 0
        sequences[slot].place = .waiting
        waiting.insert(slot, at: waitingIndex(of: slot))
    }

    private mutating func apply(_ plan: StepPlan, at now: Instant) -> MicroBatch {
        let id = MicroBatchID(nextMicroBatch)
        nextMicroBatch += 1
        var parts: [InFlightBatch.Part] = []
        parts.reserveCapacity(plan.items.count)
        var prefill = 0
        var decode = 0
        var load = StepLoad(tokens: 0, context: 0, sequences: 0)
        for item in plan.items {
            if check(item, in: id) { decode += 1 } else { prefill += item.tokens }
            let part = issue(item, in: id)
            parts.append(part)
            load = load + .prefill(tokens: item.tokens, from: part.end - item.tokens, isLast: part.samples)
        }
        let phase: Phase = decode == 0 ? .prefill : prefill == 0 ? .decode : .mixed
        let isAmongAlike = phase == .decode && inFlight.allSatisfy { $0.phase == .decode && Self.areAlike($0, parts) }
        checkWindow(phase, prefillTokens: prefill)
        if phase == .prefill { prefillsInFlight += 1 }
        inFlight.append(
            InFlightBatch(
                id: id, phase: phase, parts: parts, prefillTokens: prefill, decodeTokens: decode, load: load,
                dispatched: now, predictedPeakBlocks: plan.predictedPeakBlocks, decision: plan.decision,
                trials: plan.trials))
        counters.microBatches += 1
        counters.blocksPeak = max(counters.blocksPeak, kvBlocks.usedCount)
        return MicroBatch(
            id: id, phase: phase, slices: slices(plan.items, parts), isAmongLikeDecodeSteps: isAmongAlike)
    }

    private static func areAlike(_ other: InFlightBatch, _ parts: [InFlightBatch.Part]) -> Bool {
        let (less, more) = (min(other.parts.count, parts.count), max(other.parts.count, parts.count))
        return more <= less + 1 || 3 * more <= 4 * less
    }

    /// Cuts the next tokens of a sequence for a micro-batch and takes the blocks that they need.
    private mutating func issue(_ item: StepPlan.Item, in batch: MicroBatchID) -> InFlightBatch.Part {
        let slot = item.slot
        if sequences[slot].place == .waiting { activate(slot) }
        let end = sequences[slot].issued + item.tokens
        let blocks = configuration.blocks(forTokens: end)
        if sequences[slot].blocksHeld < blocks {
            kvBlocks.grow(&contents[slot].table, toTokens: end)
            sequences[slot].blocksHeld = blocks
        }
        sequences[slot].issued = end
        sequences[slot].inFlight += 1
        sequences[slot].lastMicroBatch = batch.rawValue
        return InFlightBatch.Part(slot: slot, end: end, samples: end == sequences[slot].known)
    }

    /// What the stages are told of each sequence. Reads the fields of `SequenceContent` one by one: a copy of the whole
    /// value would retain and release references that are not used.
    private func slices(_ items: [StepPlan.Item], _ parts: [InFlightBatch.Part]) -> [SequenceSlice] {
        var slices: [SequenceSlice] = []
        slices.reserveCapacity(items.count)
        for (item, part) in zip(items, parts) {
            let slot = part.slot
            let start = part.end - item.tokens
            let isLastToken = part.samples && item.tokens == 1
            let draws: DrawPoints =
                part.samples
                ? .one(
                    SamplingTask(contents[slot].sampling, generated: sequences[slot].generated), row: item.tokens - 1)
                : .none
            slices.append(
                SequenceSlice(
                    request: sequences[slot].id, start: start,
                    tokens: isLastToken
                        ? TokenRun(sequences[slot].lastToken) : TokenRun(contents[slot].tokens, in: start..<part.end),
                    blocks: contents[slot].table.blocks, draws: draws))
        }
        return slices
    }

    /// Checks an item of a plan against the account of its sequence. Returns whether the item is a decode step.
    private func check(_ item: StepPlan.Item, in batch: MicroBatchID) -> Bool {
        precondition(sequences.indices.contains(item.slot), "\(policy.name) planned for a slot that does not exist")
        let sequence = sequences[item.slot]
        precondition(sequence.place != .vacant, "\(policy.name) planned a sequence that is not live")
        precondition(sequence.place != .leaving, "\(policy.name) planned a sequence that has ended")
        precondition(sequence.lastMicroBatch != batch.rawValue, "\(policy.name) planned a sequence twice")
        precondition(
            item.tokens > 0 && item.tokens <= sequence.remaining, "\(policy.name) planned tokens that are not known")
        return sequence.isDecoding
    }

    /// Checks a new micro-batch against the token budget and the windows of prefill and of decode.
    private func checkWindow(_ phase: Phase, prefillTokens: Int) {
        let limit = phase == .prefill ? configuration.prefillWindow : configuration.stages
        let others = phase == .prefill ? prefillsInFlight : inFlight.count - prefillsInFlight
        precondition(others < limit, "\(policy.name) overfilled the window of \(limit) micro-batches")
        precondition(prefillTokens <= configuration.prefillChunk, "\(policy.name) planned too many prompt tokens")
        precondition(active.count <= configuration.maxSequences, "\(policy.name) activated too many sequences")
    }

    private mutating func activate(_ slot: Int) {
        waiting.remove(at: waitingIndex(of: slot))
        active.insert(slot, at: activeIndex(of: slot))
        sequences[slot].place = .active
    }
}
