/// Temporally-disaggregated pipeline parallelism (TD-Pipe, arXiv 2506.10470): long phases of prefill alone and of
/// decode alone, so that the stages wait for each other only where the phases meet.
///
/// - In a prefill phase, small equal micro-batches of prompts are issued ahead without waiting, until the simulated use
///   of KV blocks reaches the pool (`PrefillPhase`, `PrefillAdmission`).
/// - In a decode phase, as many equal micro-batches as there are stages circulate. Each is formed anew from the
///   sequences that have waited longest, up to the average size of all micro-batches: sequences beyond that size go to
///   the next micro-batch (`DecodePhase`, `DecodeGrouping`).
/// - A decode phase ends, at the end of a round of micro-batches, when the prefill phase that is possible now would use
///   the stages better (`SwitchRule`).
/// - With a bound on the time per token or to the first token, both phases may end earlier (`TimeBounds`).
public struct TDPipePolicy: SchedulingPolicy {
    public let name = "td-pipe"
    public let options: TDPipeOptions
    // The parts that the options exchange are chosen once; two more such parts are in `rules` and `lengths`.
    private let switchRule: any SwitchRule
    private let grouping: any DecodeGrouping

    // State that outlives a phase.
    private var costs: any StepCost
    private var lengths: any LengthPredictor
    /// The rules of the present prefill phase, or of the last one.
    private var rules: AdmissionRules
    private var pipeline = PipelineState()
    private var phase = PhaseState()
    /// nil without a bound.
    private var bounds: TimeBounds?

    /// A prefill phase or a decode phase, made anew when it is entered. After the loss of a stage there is no phase
    /// until the next plan begins a prefill phase.
    ///
    /// Not an enum: each plan changes its phase a little, which would move the payload of an enum out and back.
    private struct PhaseState {
        fileprivate(set) var prefill: PrefillPhase? = PrefillPhase()
        fileprivate(set) var decode: DecodePhase?

        mutating func enter(_ phase: PrefillPhase) { self = PhaseState(prefill: phase, decode: nil) }
        mutating func enter(_ phase: DecodePhase) { self = PhaseState(prefill: nil, decode: phase) }
        mutating func interrupt() { self = PhaseState(prefill: nil, decode: nil) }
    }

    /// - Parameters:
    ///   - costs: the time of a micro-batch on each stage; refined by the times that the run observes.
    ///   - lengths: predicts the lengths of answers; learns from the answers that end.
    public init(costs: any StepCost, lengths: any LengthPredictor, options: TDPipeOptions = .init()) {
        self.options = options
        self.costs = costs
        self.lengths =
            options.greedy == .predicted ? CalibratedPredictor.correcting(lengths) : NextTokenPredictor()
        switchRule = options.switching.rule
        grouping = options.stealing ? WorkStealing() : FixedGroups()
        rules = AdmissionRules(options, areLengthsExact: lengths.isExact)
        bounds = TimeBounds(options, stages: costs.stages)
    }

    public mutating func plan(_ view: SchedulerView) -> StepPlan? {
        pipeline.settle(view)
        bounds?.look(view)
        let plan = phase.decode == nil ? planInPrefill(view) : planInDecode(view)
        if let plan { bounds?.issue(plan, view) }
        return plan
    }

    /// Goes on with a decode phase if sequences decode.
    public mutating func takeOver(_ view: SchedulerView) {
        pipeline = PipelineState(view)
        bounds?.takeOver(view)
        phase.enter(PrefillPhase())
        let sequences = pipeline.members(view)
        guard sequences > 0, let prefill = phase.prefill else { return }
        phase.enter(DecodePhase(after: prefill, sequences: sequences, costs, view))
    }

    public mutating func observe(_ step: RetiredStep) {
        for (stage, seconds) in step.stageSeconds.enumerated() where seconds > 0 {
            costs.observe(step.load, on: stage, seconds: seconds)
        }
        bounds?.observe(step, costs)
        if step.phase == .decode { phase.decode?.observe(step, costs) }
    }

    /// Begins again with a prefill phase. Keeps the observed costs and lengths, and the admission rules.
    public mutating func observe(_ loss: StageLoss) {
        pipeline = PipelineState()
        bounds?.drop()
        phase.interrupt()
    }

    public mutating func observe(_ answer: FinishedAnswer) {
        lengths.observe(answer.facts)
    }

    // MARK: phases

    private mutating func planInPrefill(_ view: SchedulerView) -> StepPlan? {
        if phase.prefill == nil {
            rules = rules.afterPhases(preempted: 0, of: 0, view)
            phase.enter(PrefillPhase())
        }
        // Answers of one token end in the prefill phase, which may go on for the whole run.
        if phase.prefill?.unitTokens == nil || view.active.isEmpty { survey(view) }
        if isFasterTogether(view) { phase.prefill?.goOnBesideDecodes() }
        if bounds != nil, isOutOfTime(view) {
            phase.prefill?.stop()
            if let plan = beginDecode(.tokenTime, view) { return plan }
            if view.inFlight > 0 { return nil }
            // No answer can take a step.
            phase.prefill?.resume()
        }
        switch phase.prefill?.nextUnit(rules, &pipeline, costs, lengths, view) {
        case .unit(let plan): return plan
        case .windowFull, nil: return nil
        case .closed(let reason):
            if let plan = beginDecode(reason, view) { return plan }
            guard let rescue = pipeline.rescue(view) else { return nil }
            phase.prefill?.preempted += rescue.plan.preempted.count
            return phase.prefill?.issue(rescue, &pipeline)
        }
    }

    private mutating func beginDecode(_ reason: PhaseDecision.Reason, _ view: SchedulerView) -> StepPlan? {
        guard var plan = pipeline.nextDecode(step: 0, grouping, costs, view), let prefill = phase.prefill else {
            return nil
        }
        plan.decision = decision(to: .decode, reason, view)
        var decode = DecodePhase(after: prefill, sequences: pipeline.members(view), costs, view)
        decode.issue(&plan)
        phase.enter(decode)
        return plan
    }

    private mutating func planInDecode(_ view: SchedulerView) -> StepPlan? {
        if let decision = decisionToPrefill(view) {
            if decision.decoding == 0 {
                beginPrefill(decision, view)
                return planInPrefill(view)
            }
            if let unit = firstUnit(decision, view) { return unit }
        }
        guard let step = phase.decode?.steps else { return nil }
        if step % view.configuration.stages == 0 { planPiggyback(view) }
        let decode: StepPlan?
        if var piggyback = phase.decode?.piggyback, piggyback.size != nil {
            let (rules, lengths) = (rules, lengths)
            decode = pipeline.nextDecode(step: step, grouping, costs, view) { builder, pipeline in
                piggyback.fill(&builder, rules, &pipeline, lengths, view)
            }
            phase.decode?.piggyback = piggyback
        } else {
            decode = pipeline.nextDecode(step: step, grouping, costs, view)
        }
        if var plan = decode {
            phase.decode?.issue(&plan)
            return plan
        }
        guard let rescue = pipeline.rescue(view) else { return nil }
        phase.decode?.preempted += rescue.plan.preempted.count
        beginPrefill(decision(to: .prefill, .poolFull, view), view)
        return phase.prefill?.issue(rescue, &pipeline)
    }

    private mutating func beginPrefill(_ decision: PhaseDecision, _ view: SchedulerView) {
        if let decode = phase.decode {
            rules = rules.afterPhases(preempted: decode.preempted, of: decode.sequencesAtStart, view)
        }
        phase.enter(PrefillPhase(opening: decision))
    }

    /// Switches to a prefill phase while sequences decode, and returns its first unit. A prefill phase that admits no
    /// request is not begun: the decode phase goes on as it was. A new decode phase would forget which sequences are a
    /// step behind, and could leave out the same sequences again and again.
    private mutating func firstUnit(_ decision: PhaseDecision, _ view: SchedulerView) -> StepPlan? {
        let before = (rules: rules, phase: phase)
        beginPrefill(decision, view)
        if case .unit(let plan) = phase.prefill?.nextUnit(rules, &pipeline, costs, lengths, view) { return plan }
        (rules, phase) = before
        return nil
    }

    private func decision(to phase: Phase, _ reason: PhaseDecision.Reason, _ view: SchedulerView) -> PhaseDecision {
        PhaseDecision(to: phase, reason: reason, waiting: view.waiting.count, decoding: pipeline.members(view))
    }

    /// Whether the prompts of this prefill phase should go on beside decode steps. Looked at once a round of units.
    private func isFasterTogether(_ view: SchedulerView) -> Bool {
        guard options.piggyback, let prefill = phase.prefill, prefill.isOpen, !view.waiting.isEmpty else {
            return false
        }
        let stages = view.configuration.stages
        guard prefill.units > 0, prefill.units % stages == 0 else { return false }
        // Answers of one token never decode: what decodes must be there before prompts go on beside it.
        guard view.active.count(where: { $0.isDecoding && !$0.isInFlight }) >= stages else { return false }
        let decode = DecodePhase(after: prefill, sequences: pipeline.members(view), costs, view)
        return piggybackSize(decode, view) != nil
    }

    /// Decides whether prompts ride along in the next round of decode micro-batches.
    private mutating func planPiggyback(_ view: SchedulerView) {
        guard let decode = phase.decode, decode.piggyback.step != decode.steps else { return }
        var size = piggybackSize(decode, view)
        if size != nil { survey(view) }
        // The rest of the last prompt rides along as its beginning did.
        if view.waiting.isEmpty && pipeline.hasCutPrompt { size = decode.piggyback.size }
        if let bounds, let wanted = size {
            let tokens = wanted - pipeline.members(view) / view.configuration.stages
            if !bounds.affords(besideDecodes: tokens, costs, view) { size = nil }
        }
        phase.decode?.piggyback.beginRound(decode.steps, size: size)
    }

    private func piggybackSize(_ decode: DecodePhase, _ view: SchedulerView) -> Int? {
        let prompts = view.waiting.prefix(32)
        guard options.piggyback, !prompts.isEmpty else { return nil }
        let sequences = pipeline.members(view) / view.configuration.stages
        let steps = prompts.reduce(0) { $0 + rules.expectedSteps($1, lengths, view) }
        let limit = view.configuration.prefillChunk
        let outlook = Piggyback.Outlook(
            sequences: sequences, context: decode.context, peakRate: decode.peakRate,
            unit: decode.unitTokens ?? limit, promptTokens: prompts.reduce(0) { $0 + $1.knownTokens } / prompts.count,
            answerSteps: Double(steps) / Double(prompts.count), limit: limit, isFull: decode.piggyback.isFull)
        return Piggyback.size(outlook, costs)
    }

    // MARK: the switch to prefill

    /// Whether to leave the decode phase now, and why; nil to stay. Decided once per round of micro-batches.
    private mutating func decisionToPrefill(_ view: SchedulerView) -> PhaseDecision? {
        guard !view.waiting.isEmpty || pipeline.hasCutPrompt else { return nil }
        var decision = decision(to: .prefill, .noneDecoding, view)
        guard decision.decoding > 0 else { return decision }
        // Prompts go on beside the decode steps.
        if phase.decode?.piggyback.size != nil { return nil }
        if let bounds {
            guard let steps = phase.decode?.steps, steps % view.configuration.stages == 0,
                pipeline.hasPrefillWindow(view)
            else { return nil }
            if bounds.isFirstTokenDue(of: prompts(view), costs, view), !isOutOfTime(view) {
                decision.reason = .firstTokenTime
                return decision
            }
            guard bounds.affords(units: view.configuration.stages, of: prompts(view), costs, view) else { return nil }
            if phase.decode?.followsStop == true {
                decision.reason = .tokenTime
                return decision
            }
        }
        guard pipeline.hasPrefillWindow(view), phase.decode?.looksAhead(sequences: decision.decoding, view) == true,
            let start = phase.decode?.sequencesAtStart,
            switchRule.isWorthALook(sequences: decision.decoding, of: start)
        else { return nil }
        survey(view)
        let prefill = possiblePrefill(view)
        guard prefill.requests > 0 else { return nil }
        phase.decode?.measure(costs, view)
        guard let decode = phase.decode else { return nil }
        let outlook = SwitchOutlook(
            stages: view.configuration.stages, decode: decode, sequences: decision.decoding,
            round: pipeline.lastRound.sizes, prefill: prefill, costs: costs)
        guard let verdict = switchRule.verdict(outlook) else { return nil }
        decision.reason = verdict.reason
        decision.spatial = verdict.spatial
        decision.temporal = verdict.temporal
        return decision
    }

    /// Whether the answers have no time left for one more prefill unit.
    private func isOutOfTime(_ view: SchedulerView) -> Bool {
        guard let bounds, !view.waiting.isEmpty || pipeline.hasCutPrompt else { return false }
        return phase.prefill?.isStopped == true || !bounds.affords(units: 1, of: prompts(view), costs, view)
    }

    /// The prompts that could be prefilled now, for the bounds.
    private func prompts(_ view: SchedulerView) -> TimeBounds.Prompts {
        let unit = phase.prefill?.unitTokens ?? phase.decode?.unitTokens
        return TimeBounds.Prompts(
            unit: unit ?? StepRates.prefillUnit(costs, limit: view.configuration.prefillChunk),
            cut: pipeline.cutPrompt(view))
    }

    /// Tells the predictor how long the answers under way are, before it is asked about many.
    private mutating func survey(_ view: SchedulerView) {
        lengths.observe(running: view.active.map(view.facts))
    }

    /// Looks ahead: what a prefill phase would admit now, as one micro-batch without a limit on tokens.
    ///
    /// The phase itself may admit other requests. It gives out blocks piece by piece, sequences end while it runs, and
    /// - it may pass over `PrefillAdmission.backfill` requests in each micro-batch, the look-ahead as many in all;
    /// - it uses the rules after the switch, with other requests due and another caution; the look-ahead uses the rules
    ///   before the switch;
    /// - it admits up to the share of the pool that its rules set, the look-ahead up to the whole pool, as the authors'
    ///   released code does.
    private func possiblePrefill(_ view: SchedulerView) -> PossiblePrefill {
        var admission = PrefillAdmission(
            rules, upTo: view.configuration.blockCount, cut: pipeline.cutPrompt(view), lengths, view)
        var builder = MicroBatchBuilder(view)
        var possible = PossiblePrefill()
        _ = admission.fill(&builder, upTo: .max, cut: pipeline.cutPrompt(view), lengths, view) { sequence, tokens in
            possible.add(sequence, tokens: tokens)
        }
        return possible
    }
}

/// Predicts only that an answer gets one more token. For `greedy=fixed`, which does not predict lengths.
private struct NextTokenPredictor: LengthPredictor {
    let name = "next token"
    func answerTokens(_ facts: AnswerFacts) -> Int { facts.generated + 1 }
    mutating func observe(promptTokens: Int, generated: Int) {}
}
