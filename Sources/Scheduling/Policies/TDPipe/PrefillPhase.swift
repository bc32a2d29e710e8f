/// A prefill phase: units of prompts that are issued ahead until nothing more is admitted.
package struct PrefillPhase: Sendable {
    package enum Step {
        case unit(StepPlan)
        /// The window of prefill micro-batches in flight is full.
        case windowFull
        /// Nothing more is to be prefilled in this phase.
        case closed(PhaseDecision.Reason)
    }

    /// Why the phase was begun; nil once the first unit has recorded it, and for a phase without a decision (the first
    /// phase, and the phase after the loss of a stage).
    private var opening: PhaseDecision?
    /// Why nothing more is admitted.
    private var closing: PhaseDecision.Reason?
    /// Sequences that lost their blocks in this phase.
    var preempted = 0
    /// Units issued so far.
    private(set) var units = 0
    private var packing: Packing?

    /// The settings of the phase that are made with the first unit.
    private struct Packing: Sendable {
        let unitTokens: Int
        var admission: PrefillAdmission

        mutating func fill(
            _ builder: inout MicroBatchBuilder, cut: SequenceView?, admitsWaiting: Bool,
            _ lengths: any LengthPredictor, _ view: SchedulerView, taken: (SequenceView, Int) -> Void
        ) -> PhaseDecision.Reason? {
            admission.fill(
                &builder, upTo: unitTokens, cut: cut, admitsWaiting: admitsWaiting, lengths, view, taken: taken)
        }
    }

    /// - Parameter opening: why the phase is begun; nil if nothing was decided.
    package init(opening: PhaseDecision? = nil) { self.opening = opening }

    /// Whether more may be admitted.
    var isOpen: Bool { closing == nil }
    /// Whether nothing more is admitted, in this phase or beside the decode steps that follow it.
    var isFull: Bool { closing != nil && closing != .piggyback && !isStopped }
    /// Whether the answers have no time left for more prompts.
    var isStopped: Bool { closing == .tokenTime }

    /// Ends the phase; the prompts that wait go on beside decode steps.
    mutating func goOnBesideDecodes() { closing = .piggyback }

    /// Ends the phase for the sake of the answers, whatever waits or is cut.
    mutating func stop() { closing = .tokenTime }
    /// Takes `stop()` back.
    mutating func resume() { if isStopped { closing = nil } }

    /// Tokens of a unit; nil if the phase made no unit.
    var unitTokens: Int? { packing?.unitTokens }

    /// The most blocks that the forecast expects in use; nil without a unit.
    var predictedPeak: Int? { packing?.admission.forecast.peak }

    /// The next unit of prompts: the rest of the cut prompt, then waiting prompts as long as they are admitted. The
    /// last prompt is cut where the unit ends, and its next piece may follow while the first is in flight, since stages
    /// work in the order of dispatch. A step without a unit leaves the pipeline as it was.
    package mutating func nextUnit(
        _ rules: AdmissionRules, _ pipeline: inout PipelineState, _ costs: any StepCost,
        _ lengths: any LengthPredictor, _ view: SchedulerView
    ) -> Step {
        let cut = pipeline.cutPrompt(view)
        if cut == nil {
            // A full pool or forecast is no reason to admit nothing when no sequence holds blocks any more.
            if view.active.isEmpty { closing = nil }
            if view.waiting.isEmpty { return .closed(closing ?? .noneWaiting) }
            if let closing { return .closed(closing) }
        }
        guard pipeline.hasPrefillWindow(view) else { return .windowFull }
        if packing == nil {
            packing = Packing(
                unitTokens: StepRates.prefillUnit(costs, limit: view.configuration.prefillChunk),
                admission: PrefillAdmission(rules, upTo: rules.forecastLimit(view), cut: cut, lengths, view))
        }
        var builder = MicroBatchBuilder(view)
        let reason = packing?.fill(&builder, cut: cut, admitsWaiting: closing == nil, lengths, view) {
            pipeline.follow($0, given: $1)
        }
        if let reason { closing = reason }
        guard let plan = builder.result else { return .closed(closing ?? .noneWaiting) }
        return .unit(issue(plan, &pipeline))
    }

    /// Issues the cut prompt at the cost of later arrivals; nothing else is admitted in this phase.
    mutating func issue(_ rescue: PipelineState.Rescue, _ pipeline: inout PipelineState) -> StepPlan {
        closing = .poolFull
        pipeline.follow(rescue.sequence, given: rescue.tokens)
        return issue(rescue.plan, &pipeline)
    }

    /// Issues a unit, and adds the predicted peak and the opening decision to its plan for the record.
    private mutating func issue(_ unit: StepPlan, _ pipeline: inout PipelineState) -> StepPlan {
        var plan = unit
        plan.predictedPeakBlocks = predictedPeak
        plan.decision = opening
        opening = nil
        units += 1
        pipeline.issued(.prefill)
        return plan
    }
}
