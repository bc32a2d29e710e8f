/// Temporally-disaggregated pipeline parallelism (TD-Pipe, arXiv 2506.10470): long phases of prefill alone and of decode
/// alone, so that the stages wait for each other only where the phases meet.
///
/// - In a prefill phase, small equal micro-batches of prompts are issued ahead without waiting, until the simulated use
///   of KV blocks reaches the pool.
/// - In a decode phase, as many equal micro-batches as there are stages circulate. Each is made anew from the sequences
///   that have waited longest, as many as the average of all micro-batches: what one has too many, the next takes.
/// - A decode phase ends, at the end of a round of micro-batches, when the prefill phase that is possible now would use
///   the stages better.
public struct TDPipePolicy: SchedulingPolicy {
    public let name = "td-pipe"
    public let options: TDPipeOptions
    var costs: any StepCost
    var lengths: any LengthPredictor

    var phase = Phase.prefill
    /// What is in flight, in the order of dispatch.
    var flights: [Flight] = []
    var line = DecodeLine()
    /// The one sequence whose prompt is cut, and goes on in the next prefill unit.
    var partial: (slot: Int, arrival: Int)?

    // The prefill phase.
    var forecast: BlockForecast?
    /// Tokens of a prefill unit; 0 before the first.
    var unitTokens = 0
    /// Prefill units issued in this phase.
    var units = 0
    var order = AdmissionOrder()
    /// Whether long answers go first.
    let prefersLong: Bool
    /// If so, the waiting requests in the order of this phase; from `nextCandidate` on they are to come.
    var candidates: [AdmissionOrder.Candidate] = []
    var nextCandidate = 0
    /// Why nothing more is prefilled in this phase.
    var closing: PhaseDecision.Reason?
    /// Why the phase was begun; told with its first unit.
    var opening: PhaseDecision?

    // The decode phase.
    /// Decode micro-batches issued in this phase; a round is as many as there are stages.
    var steps = 0
    var sequencesAtStart = 0
    var preempted = 0
    /// Sequences and tokens that they attend to, of the last round of micro-batches.
    var recent: [StepLoad] = []
    /// The sizes of micro-batches, for as many sequences as decoded last.
    var round: DecodeRound?
    var look = LookAhead()
    var cycle: RenewalCycle?
    /// Tokens that every sequence is expected to have before it at least: what preemptions have taught.
    var caution = 0

    /// Whether a stage was lost since the last plan.
    var isInterrupted = false

    /// A micro-batch in flight.
    enum Flight: Sendable, Hashable {
        case prefill
        /// With the label of its members, without work stealing.
        case decode(label: Int?)
    }

    /// - Parameters:
    ///   - costs: the time of a micro-batch on each stage; refined by what the run observes.
    ///   - lengths: predicts the lengths of answers; learns from those that end.
    public init(costs: any StepCost, lengths: any LengthPredictor, options: TDPipeOptions = .init()) {
        self.options = options
        self.costs = costs
        self.lengths = lengths
        prefersLong = options.order == .longest || (options.order == .auto && lengths.isExact)
    }

    public mutating func plan(_ view: SchedulerView) -> StepPlan? {
        settle(view)
        if isInterrupted { beginPrefill(nil, view) }
        if phase == .decode, let decision = decisionToPrefill(view), let unit = firstUnit(decision, view) {
            return unit
        }
        if phase == .prefill {
            switch nextUnit(view) {
            case .unit(let plan): return plan
            case .windowFull: return nil
            case .closed(let reason): return nextDecode(view, beginning: reason) ?? rescue(view)
            }
        }
        return nextDecode(view, beginning: nil) ?? rescue(view)
    }

    public mutating func observe(_ step: RetiredStep) {
        for (stage, seconds) in step.stageSeconds.enumerated() where seconds > 0 {
            costs.observe(step.load, on: stage, seconds: seconds)
        }
        if step.phase == .decode, look.peakRate > 0 {
            let seconds = step.stageSeconds.max() ?? costs.slowest(step.load)
            cycle?.add(sequences: step.load.sequences, seconds: seconds, peakRate: look.peakRate)
        }
    }

    /// Begins again with a prefill phase. What was learned of costs, lengths and patience stays.
    public mutating func observe(_ loss: StageLoss) {
        flights = []
        line = DecodeLine()
        partial = nil
        recent = []
        round = nil
        cycle = nil
        look = LookAhead()
        steps = 0
        preempted = 0
        isInterrupted = true
    }

    public mutating func observe(_ answer: FinishedAnswer) {
        lengths.observe(promptTokens: answer.promptTokens, generated: answer.generated)
    }

    /// Drops what has retired or ended since the last plan.
    private mutating func settle(_ view: SchedulerView) {
        flights.removeFirst(flights.count - view.inFlight)
        if let partial, view.activeSequence(slot: partial.slot)?.arrival != partial.arrival { self.partial = nil }
    }

    /// Sequences that decode, in flight or not.
    func members(_ view: SchedulerView) -> Int { view.active.count - (partial == nil ? 0 : 1) }

    var prefillsInFlight: Int { flights.count { $0 == .prefill } }
    var decodesInFlight: Int { flights.count - prefillsInFlight }

    /// Nothing is in flight and nothing fits: the lengths were predicted too short, and an earlier prompt that was cut
    /// finds no blocks to go on. The latest arrivals give theirs up.
    private mutating func rescue(_ view: SchedulerView) -> StepPlan? {
        guard view.inFlight == 0, let partial, let sequence = view.activeSequence(slot: partial.slot) else {
            return nil
        }
        var builder = MicroBatchBuilder(view)
        let count = min(sequence.remaining, view.configuration.prefillChunk)
        guard builder.addPreempting(sequence, tokens: count) else { return nil }
        for slot in builder.plan.preempted { forget(slot: slot) }
        if phase == .decode {
            let decision = PhaseDecision(
                to: .prefill, reason: .poolFull, waiting: view.waiting.count, decoding: members(view))
            beginPrefill(decision, view)
        }
        closing = .poolFull
        follow(sequence, given: count)
        return builder.result.map { complete($0) }
    }

    /// A sequence is preempted.
    mutating func forget(slot: Int) {
        preempted += 1
        if partial?.slot == slot { partial = nil }
        line.remove(slot: slot)
    }
}
