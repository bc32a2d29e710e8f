extension TDPipePolicy {
    enum PrefillStep {
        case unit(StepPlan)
        /// As much is in flight as may be.
        case windowFull
        /// Nothing more is to be prefilled in this phase.
        case closed(PhaseDecision.Reason)
    }

    /// Goes over to a prefill phase.
    /// - Parameter decision: nil if nothing was decided: a stage was lost.
    mutating func beginPrefill(_ decision: PhaseDecision?, _ view: SchedulerView) {
        isInterrupted = false
        // Doubled while too many sequences lose their blocks, halved when none does: so a predictor that is always wrong
        // costs a bounded share of the work.
        if preempted * 16 > sequencesAtStart {
            caution = min(max(2 * caution, view.configuration.tokensPerBlock), view.configuration.poolTokens)
        } else if preempted == 0 {
            caution /= 2
        }
        preempted = 0
        phase = .prefill
        opening = decision
        closing = nil
        units = 0
        unitTokens = 0
        forecast = nil
        candidates = []
        nextCandidate = 0
        order.begin(view)
    }

    /// Goes over to a prefill phase and returns its first unit, or nil.
    ///
    /// While sequences decode, a phase that admits nobody is none: the decode phase goes on as it was. Begun anew it
    /// would forget who is a step behind, and could leave the same sequences out again and again.
    mutating func firstUnit(_ decision: PhaseDecision, _ view: SchedulerView) -> StepPlan? {
        var next = self
        next.beginPrefill(decision, view)
        guard case .unit(let plan) = next.nextUnit(view) else {
            if decision.decoding == 0 { beginPrefill(decision, view) }
            return nil
        }
        self = next
        return plan
    }

    /// The next unit of prompts: the rest of the one that was cut, then waiting ones as long as they are admitted; the
    /// last is cut where the unit ends, and its next piece may follow while this one is in flight, since stages work in
    /// the order of dispatch.
    mutating func nextUnit(_ view: SchedulerView) -> PrefillStep {
        if partial == nil {
            // Both were said for the sequences that were there; without them they say nothing.
            if view.active.isEmpty { closing = nil }
            if view.waiting.isEmpty { return .closed(closing ?? .noneWaiting) }
            if let closing { return .closed(closing) }
        }
        guard hasPrefillWindow(view) else { return .windowFull }
        if unitTokens == 0 { unitTokens = StepRates.prefillUnit(costs, limit: view.configuration.prefillChunk) }
        if forecast == nil { forecast = blockForecast(view) }
        var builder = MicroBatchBuilder(view)
        if addPartial(view, to: &builder) { admitWaiting(view, to: &builder) }
        guard let plan = builder.result else { return .closed(closing ?? .noneWaiting) }
        return .unit(complete(plan))
    }

    /// Whether one more unit may be in flight.
    func hasPrefillWindow(_ view: SchedulerView) -> Bool {
        max(prefillsInFlight, view.prefillsInFlight) < view.configuration.prefillWindow
    }

    /// A prefill unit is issued: adds what is for the record.
    mutating func complete(_ plan: StepPlan) -> StepPlan {
        var plan = plan
        plan.predictedPeakBlocks = forecast?.peak
        plan.decision = opening
        opening = nil
        units += 1
        flights.append(.prefill)
        return plan
    }

    /// False if the sequence whose prompt is cut finds no blocks.
    private mutating func addPartial(_ view: SchedulerView, to builder: inout MicroBatchBuilder) -> Bool {
        guard let partial, let sequence = view.activeSequence(slot: partial.slot) else { return true }
        let count = min(sequence.remaining, unitTokens)
        guard builder.add(sequence, tokens: count) else {
            closing = .poolFull
            return false
        }
        follow(sequence, given: count)
        return true
    }

    private mutating func admitWaiting(_ view: SchedulerView, to builder: inout MicroBatchBuilder) {
        guard closing == nil else { return }
        guard prefersLong else {
            for sequence in view.waiting {
                guard builder.tokens < unitTokens, closing == nil else { return }
                closing = admit(sequence, view, to: &builder)
            }
            return
        }
        // Others may have come since; not within a unit, since what it holds still waits in the view.
        if nextInOrder(view) == nil {
            candidates = candidatesInOrder(view)
            nextCandidate = 0
        }
        var passed = 0
        while builder.tokens < unitTokens, let sequence = nextInOrder(view) {
            if let reason = admit(sequence, view, to: &builder) {
                passed += 1
                let mayPass = reason == .poolForecast && !candidates[nextCandidate].isDue
                guard mayPass, passed <= AdmissionOrder.backfill else {
                    closing = reason
                    return
                }
            }
            nextCandidate += 1
        }
        if builder.isEmpty, passed > 0 { closing = .poolForecast }
    }

    /// The waiting requests as `order=longest` has them.
    func candidatesInOrder(_ view: SchedulerView) -> [AdmissionOrder.Candidate] {
        order.candidates(view) { stepsLeft($0, holding: $0.knownTokens, view) }
    }

    /// The next candidate of this phase that still waits.
    private mutating func nextInOrder(_ view: SchedulerView) -> SequenceView? {
        while nextCandidate < candidates.count {
            let candidate = candidates[nextCandidate]
            if let sequence = view.waitingSequence(slot: candidate.slot), sequence.arrival == candidate.arrival {
                return sequence
            }
            nextCandidate += 1
        }
        return nil
    }

    /// Gives tokens of a waiting request to the unit. Returns why it may not be admitted, or nil.
    private mutating func admit(
        _ sequence: SequenceView, _ view: SchedulerView, to builder: inout MicroBatchBuilder
    ) -> PhaseDecision.Reason? {
        guard builder.activeCount < view.configuration.maxSequences else { return .poolFull }
        if builder.activeCount > 0 {
            guard isForeseen(sequence, view, builder) else { return .poolForecast }
            let whole = builder.blocksNeeded(sequence, tokens: sequence.remaining)
            guard whole <= builder.freeBlocks else { return .poolFull }
        }
        let count = min(sequence.remaining, unitTokens - builder.tokens)
        guard builder.add(sequence, tokens: count) else { return .poolFull }
        let tokens = sequence.knownTokens
        forecast!.add(tokens: tokens, steps: stepsLeft(sequence, holding: tokens, view))
        follow(sequence, given: count)
        return nil
    }

    /// A sequence was given `count` of its known tokens: it is cut, or it decodes from now on. What is left of an answer
    /// that is computed again may be a single token, which is a decode step.
    mutating func follow(_ sequence: SequenceView, given count: Int) {
        let left = sequence.remaining - count
        if left == 0 || (left == 1 && sequence.generated > 0) {
            partial = nil
            line.append(.init(slot: sequence.slot, arrival: sequence.arrival))
        } else {
            partial = (sequence.slot, sequence.arrival)
        }
    }

    /// Whether the use of blocks stays within the pool with one more sequence.
    private mutating func isForeseen(
        _ sequence: SequenceView, _ view: SchedulerView, _ builder: MicroBatchBuilder
    ) -> Bool {
        let used = view.configuration.blockCount - builder.freeBlocks
        if isWithin(forecast!, sequence, view, used: used) { return true }
        // Sequences that have ended since still count in the forecast.
        guard builder.isEmpty, forecast!.requests > view.active.count else { return false }
        forecast = blockForecast(view)
        return isWithin(forecast!, sequence, view, used: used)
    }

    /// Whether one more sequence may join those of a forecast.
    /// - Parameter used: blocks in use now.
    func isWithin(_ forecast: BlockForecast, _ sequence: SequenceView, _ view: SchedulerView, used: Int) -> Bool {
        let pool = view.configuration.blockCount
        if case .fixed(let share) = options.greedy, Double(used) >= share * Double(pool) { return false }
        let tokens = sequence.knownTokens
        let steps = stepsLeft(sequence, holding: tokens, view)
        let limit =
            options.switching == .released && phase == .prefill ? Int(ReleasedIntensity.poolShare * Double(pool)) : pool
        return forecast.peak(addingTokens: tokens, steps: steps) <= limit
    }

    /// Counts all active sequences; a prompt under way with all of its tokens.
    func blockForecast(_ view: SchedulerView) -> BlockForecast {
        var forecast = BlockForecast(tokensPerBlock: view.configuration.tokensPerBlock)
        var held = 0
        var requests: [BlockForecast.Request] = []
        requests.reserveCapacity(view.active.count)
        let cut = partial?.slot
        for sequence in view.active {
            let tokens = sequence.slot == cut ? sequence.knownTokens : sequence.issuedTokens
            requests.append(.init(tokens: tokens, steps: stepsLeft(sequence, holding: tokens, view)))
            held += sequence.blocksHeld
        }
        forecast.add(requests)
        forecast.add(leavingBlocks: view.configuration.blockCount - view.freeBlocks - held)
        return forecast
    }

    /// Decode steps that a sequence is expected to take when it has been given `tokens` tokens. The last token of an
    /// answer is not given to any micro-batch.
    func stepsLeft(_ sequence: SequenceView, holding tokens: Int, _ view: SchedulerView) -> Int {
        let most = max(0, view.configuration.poolTokens - tokens)
        let next = sequence.generated + 1
        // Under a fixed share, nothing is predicted but what is certain.
        let answer = options.greedy == .predicted ? max(next, lengths.answerTokens(view.facts(sequence))) : next
        let room = view.configuration.poolTokens + 1
        return min(most, max(caution, sequence.promptTokens + min(answer, room) - 1 - tokens))
    }
}
