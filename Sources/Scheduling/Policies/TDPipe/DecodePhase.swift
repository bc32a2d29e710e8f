/// A decode phase, from its first micro-batch on.
struct DecodePhase: Sendable {
    let sequencesAtStart: Int
    /// Tokens of a unit of the prefill phase before; nil if that phase made no unit.
    let unitTokens: Int?
    /// Whether the prefill phase before was ended for the sake of the answers, and is to go on soon.
    let followsStop: Bool
    /// The most blocks that the forecast of the prefill phase before expects in use.
    private let predictedPeak: Int?
    /// Decode micro-batches issued in this phase; a round has as many as there are stages.
    private(set) var steps = 0
    /// Sequences that lost their blocks in this phase and in the prefill phase before.
    var preempted: Int
    /// The mean number of tokens that a sequence attends to, at least 1, when it was last measured.
    private(set) var context = 1
    /// The best decode rate at the context length `context`, in tokens a second.
    private(set) var peakRate = 0.0
    private(set) var cycle: RenewalCycle
    /// Prompts that ride along in this round.
    var piggyback: Piggyback

    /// The state of the phase when it last looked ahead.
    private var lookedAt: (steps: Int, sequences: Int, waiting: Int)

    /// - Parameter sequences: the number of sequences that decode, in flight or not.
    init(after prefill: PrefillPhase, sequences: Int, _ costs: any StepCost, _ view: SchedulerView) {
        sequencesAtStart = sequences
        unitTokens = prefill.unitTokens
        followsStop = prefill.isStopped
        predictedPeak = prefill.predictedPeak
        preempted = prefill.preempted
        piggyback = Piggyback(isFull: prefill.isFull)
        cycle = RenewalCycle(stages: view.configuration.stages)
        lookedAt = (0, sequences, view.waiting.count)
        measure(costs, view)
    }

    /// Counts an issued micro-batch, and adds the predicted peak to its plan.
    mutating func issue(_ plan: inout StepPlan) {
        plan.predictedPeakBlocks = predictedPeak
        preempted += plan.preempted.count
        steps += 1
    }

    mutating func observe(_ step: RetiredStep, _ costs: any StepCost) {
        guard peakRate > 0 else { return }
        let seconds = step.stageSeconds.max() ?? costs.slowest(step.load)
        cycle.add(sequences: step.load.sequences, seconds: seconds, peakRate: peakRate)
    }

    /// Whether to look now at the prefill phase that is possible: once between two rounds, and only if enough has
    /// changed since the last look. A look goes over all live requests: in a large run not every end is worth a look.
    mutating func looksAhead(sequences: Int, _ view: SchedulerView) -> Bool {
        let waiting = view.waiting.count
        guard steps % view.configuration.stages == 0, lookedAt.steps != steps else { return false }
        let ended = lookedAt.sequences - sequences
        guard ended >= max(1, lookedAt.sequences / 64) || waiting != lookedAt.waiting else { return false }
        lookedAt = (steps, sequences, waiting)
        return true
    }

    /// Measures the mean context, and the best decode rate at this context over all sizes of micro-batches that the
    /// limit on sequences and the pool allow.
    mutating func measure(_ costs: any StepCost, _ view: SchedulerView) {
        let tokens = view.active.reduce(0) { $0 + $1.knownTokens }
        context = max(1, tokens / max(1, view.active.count))
        let configuration = view.configuration
        let most = min(configuration.maxSequences, max(view.active.count, configuration.poolTokens / context))
        peakRate = StepRates.peakDecodeRate(costs, limit: max(1, most / configuration.stages), context: context)
    }
}

extension PipelineState {
    /// The next decode micro-batch, number `step` of its phase from 0 on; nil if the window is full or none is ready.
    ///
    /// After a prefill phase, decode micro-batch k follows when all but P - k units have retired: earlier, the
    /// micro-batch would miss the sequences that are still in the pipeline; later, the first stage would run dry.
    /// - Parameter carry: called with the decode steps, to add prompts to them; nil if nothing rides along.
    mutating func nextDecode(
        step: Int, _ grouping: any DecodeGrouping, _ costs: any StepCost, _ view: SchedulerView,
        carry: ((inout MicroBatchBuilder, inout PipelineState) -> Void)? = nil
    ) -> StepPlan? {
        let stages = view.configuration.stages
        let prefills = prefillsInFlight
        guard max(decodesInFlight, view.decodesInFlight) < stages, prefills <= max(0, stages - step) else { return nil }
        let total = members(view)
        guard total > 0 else { return nil }
        let sizes = lastRound.sizes(step: step, total: total, stages: stages, costs)
        if step == 0 {
            line.update { $0.steps = 0 }
            grouping.deal(sizes, &self, view)
        }
        var draft = DecodeDraft(view, quota: sizes.size(step))
        grouping.fill(&draft, from: &self, view)
        var plan = StepPlan()
        if !draft.held.isEmpty, grouping.isShort(draft) {
            plan.preempted = draft.preempt()
            for slot in plan.preempted { forget(slot: slot) }
        }
        line.putBack(draft.held.map(\.entry))
        guard !draft.taken.isEmpty else { return nil }
        issue(draft, step: step, stages: stages, in: &plan)
        if let carry, plan.preempted.isEmpty, draft.prefillTokens == 0 { add(to: &plan, draft, view, carry) }
        return plan
    }

    /// Adds prompts to the decode steps of a plan.
    private mutating func add(
        to plan: inout StepPlan, _ draft: DecodeDraft, _ view: SchedulerView,
        _ carry: (inout MicroBatchBuilder, inout PipelineState) -> Void
    ) {
        var builder = MicroBatchBuilder(view, expecting: draft.taken.count + 1)
        for item in draft.taken { guard builder.add(item.sequence, tokens: item.tokens) else { return } }
        carry(&builder, &self)
        plan.items = builder.plan.items
    }

    private mutating func issue(_ draft: DecodeDraft, step: Int, stages: Int, in plan: inout StepPlan) {
        plan.items.reserveCapacity(draft.taken.count)
        for item in draft.taken {
            plan.items.append(.init(slot: item.sequence.slot, tokens: item.tokens))
            line.append(
                .init(
                    slot: item.entry.slot, arrival: item.entry.arrival, steps: item.entry.steps + 1,
                    group: draft.group ?? item.entry.group))
        }
        issued(.decode(group: draft.group))
        lastRound.add(.decode(sequences: draft.taken.count, context: draft.context), step: step, stages: stages)
    }
}
