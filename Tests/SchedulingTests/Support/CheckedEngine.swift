import Scheduling

/// An engine with a fake model behind it and a checker beside it: every action is held to the rules as it comes, and
/// the core's own account is checked after every event. A value: copy it to try two ways on.
struct CheckedEngine {
    private(set) var core: EngineCore
    private(set) var ledger: Ledger
    private(set) var inFlight: [MicroBatch] = []
    private(set) var actions: [ActionRecord] = []
    private(set) var events: [(event: EngineEvent, time: Instant)] = []
    private(set) var dispatched = 0
    /// Requests that were given tokens by the last event.
    private(set) var answered: [RequestID] = []
    /// Only for td-pipe, where a stage draws one token at a time.
    private(set) var phases: PhaseChecker?
    private var lastPhase: Phase?
    /// Stages that are away.
    private var lost: Set<StageID> = []
    private var model: FakeModel
    private let isRecorded: Bool
    /// Of the last event, and whether it was `.schedule`.
    private(set) var now = Instant.zero
    private var isPlanning = false

    init(
        _ configuration: EngineConfiguration, policy: any SchedulingPolicy, vocabulary: Int, isRecorded: Bool = true,
        checksPhases: Bool = true
    ) {
        core = EngineCore(configuration: configuration, policy: policy)
        var overtaking = Ledger.Overtaking.never
        if let policy = policy as? TDPipePolicy {
            if checksPhases { phases = PhaseChecker(stages: configuration.stages, steals: policy.options.stealing) }
            if policy.options.order == .longest { overtaking = checksPhases ? .patiently : .always }
        }
        ledger = Ledger(configuration: configuration, overtaking: overtaking)
        model = FakeModel(configuration: configuration, vocabulary: vocabulary)
        self.isRecorded = isRecorded
    }

    mutating func tell(_ event: EngineEvent, at now: Instant = .zero) throws {
        if case .arrived(let spec) = event { ledger.arrive(spec) }
        if isRecorded { events.append((event, now)) }
        self.now = now
        if case .schedule = event { isPlanning = true } else { isPlanning = false }
        var asked: [EngineAction] = []
        let before = (live: core.liveRequests, waiting: core.waitingRequests)
        if case .stageLost(let stage) = event { lose(stage) }
        if case .stageRestored(let stage) = event { lost.remove(stage) }
        core.handle(event, at: now, into: &asked)
        try require(core.lostStages == lost.sorted(), "\(core.lostStages) are lost, not \(lost.sorted())")
        if core.liveRequests != before.live || core.waitingRequests != before.waiting { phases?.disturb() }
        // With fewer free blocks than requests, some request may have found none.
        let isShort = core.blocksInUse + core.liveRequests > core.configuration.blockCount
        if isShort || core.counters.preemptions > 0 { phases?.runShort() }
        answered = []
        for action in asked {
            if isRecorded { actions.append(ActionRecord(action)) }
            _ = try perform(action)
        }
        try core.checkIntegrity()
        let active = core.liveRequests - core.waitingRequests
        try require(active <= core.configuration.maxSequences, "\(active) sequences are active")
        try require(core.microBatchesInFlight == inFlight.count, "the count of micro-batches in flight is wrong")
    }

    /// The last stage is done with the oldest micro-batch.
    mutating func retireOldest(depth: Int = 1, stageSeconds: [Double] = [], at now: Instant = .zero) throws {
        let batch = inFlight.removeFirst()
        for slice in batch.slices { ledger.retire(slice) }
        let drawn = model.run(batch, depth: depth)
        try tell(.retired(batch.id, drawn, stageSeconds: stageSeconds), at: now)
        try checkReport(of: batch)
    }

    /// What is in flight is void, and nothing is left of the cache.
    private mutating func lose(_ stage: StageID) {
        lost.insert(stage)
        inFlight = []
        ledger.void()
        model.wipe()
        phases?.interrupt()
    }

    /// Nothing may be left once all requests have ended.
    func checkEmpty() throws {
        try require(inFlight.isEmpty && core.liveRequests == 0, "\(core.liveRequests) requests are left")
        try require(core.blocksInUse == 0, "\(core.blocksInUse) blocks are left in use")
        for case .some(let entry) in ledger.entries {
            try require(!entry.isLive, "\(entry.spec.id) has no end")
        }
        let restarts = ledger.entries.reduce(0) { $0 + ($1?.restarts ?? 0) }
        try require(restarts <= core.counters.preemptions, "\(restarts) restarts, \(core.counters)")
        try require(core.lostStages.isEmpty, "\(core.lostStages) are lost still")
        try require(core.counters.microBatches == dispatched, "\(dispatched) dispatched, \(core.counters)")
        try require(core.counters.blocksPeak <= core.configuration.blockCount, "\(core.counters)")
    }

    private func areAlike(_ one: Int, _ other: Int) -> Bool {
        abs(one - other) <= 1 || (3 * one <= 4 * other && 3 * other <= 4 * one)
    }

    /// Layers may compute decode steps in any order: no sequence may be in two of them.
    private func check(_ batch: MicroBatch, isAmongLikeDecodeSteps: Bool) throws {
        try require(
            batch.isAmongLikeDecodeSteps == isAmongLikeDecodeSteps,
            "\(batch.id) is \(batch.isAmongLikeDecodeSteps) of decode")
        guard isAmongLikeDecodeSteps else { return }
        let others = Set(inFlight.flatMap { $0.slices.map(\.request) })
        try require(batch.slices.allSatisfy { !others.contains($0.request) }, "\(batch.id) depends on one in flight")
    }

    private mutating func check(_ batch: MicroBatch) throws {
        let configuration = core.configuration
        try require(batch.id == MicroBatchID(dispatched), "\(batch.id) follows \(dispatched - 1)")
        try require(!batch.slices.isEmpty, "\(batch.id) is empty")
        let parts = split(batch)
        let phase: Phase = parts.decode == 0 ? .prefill : parts.prefill == 0 ? .decode : .mixed
        try require(batch.phase == phase, "\(batch.id) is called \(batch.phase)")
        try check(
            batch,
            isAmongLikeDecodeSteps: phase == .decode
                && inFlight.allSatisfy { $0.phase == .decode && areAlike($0.slices.count, batch.slices.count) })
        let chunk = configuration.prefillChunk
        if core.policyName != "td-pipe" {
            try require(inFlight.count < configuration.stages, "\(inFlight.count + 1) micro-batches in flight")
        }
        switch core.policyName {
        case "td-pipe":
            let alike = inFlight.count { $0.phase == phase }
            let limit = phase == .prefill ? configuration.prefillWindow : configuration.stages
            try require(alike < limit, "\(alike + 1) micro-batches of \(phase) in flight")
            try require(parts.prefill <= chunk, "\(batch.id) has \(parts.prefill) prompt tokens")
            let decoding = decoding
            let isIdle = inFlight.isEmpty
            try phases?.check(batch, decoding: decoding, isIdle: isIdle)
        case "separate":
            try require(phase != .mixed, "\(batch.id) mixes prompts and decode steps")
            try require(parts.prefill <= chunk, "\(batch.id) has \(parts.prefill) prompt tokens")
        case "throttle":
            try require(parts.prefill <= chunk, "\(batch.id) has \(parts.prefill) prompt tokens")
        default:
            let isWithin = parts.prefill == 0 || parts.prefill + parts.decode <= chunk
            try require(isWithin, "\(batch.id) has \(parts.prefill) + \(parts.decode) tokens")
        }
        if phase == .prefill, lastPhase != .prefill { ledger.beginPrefillPhase() }
        lastPhase = phase
        for slice in batch.slices { try ledger.issue(slice) }
    }

    /// Prompt (or recomputed) tokens and decode steps of a micro-batch that is about to be issued.
    private func split(_ batch: MicroBatch) -> (prefill: Int, decode: Int) {
        var prefill = 0
        var decode = 0
        for slice in batch.slices {
            let entry = ledger[slice.request]
            let isDecode = entry.known.count - slice.start == 1 && entry.generated > 0
            if isDecode { decode += 1 } else { prefill += slice.tokens.count }
        }
        return (prefill, decode)
    }

    /// Requests that decode, in flight or not.
    private var decoding: [Int] {
        ledger.entries.indices.filter { index in
            guard let entry = ledger.entries[index], entry.isLive, !entry.isPreempted else { return false }
            let left = entry.known.count - entry.issued
            return entry.wasDispatched && (left == 0 || (left == 1 && entry.generated > 0))
        }
    }

    private var lastReport: StepRecord?

    private func checkReport(of batch: MicroBatch) throws {
        guard let step = lastReport, step.microBatch == batch.id else { throw Violation("\(batch.id) has no report") }
        try require(step.phase == batch.phase && step.sequences == batch.slices.count, "\(step)")
        try require(step.prefillTokens + step.decodeTokens == batch.tokenCount, "\(step)")
        try require((step.decodeTokens == 0) == (batch.phase == .prefill), "\(step)")
        try require((step.prefillTokens == 0) == (batch.phase == .decode), "\(step)")
        try require(step.blocksInUse == core.blocksInUse && step.waitingRequests == core.waitingRequests, "\(step)")
        try require(step.liveRequests == core.liveRequests && step.dispatched <= step.retired, "\(step)")
    }
}

/// The world around the core is the checker's account of it.
extension CheckedEngine: EngineEffects {
    mutating func dispatch(_ batch: MicroBatch) throws {
        try require(isPlanning, "a dispatch without .schedule")
        try require(lost.isEmpty, "\(batch.id) is dispatched while \(lost.sorted()) are lost")
        try check(batch)
        inFlight.append(batch)
        dispatched += 1
    }

    mutating func emit(_ request: RequestID, _ tokens: [SampledToken]) throws -> AnswerState {
        try ledger.emit(request, tokens)
        answered.append(request)
        return .goesOn
    }

    mutating func finish(_ request: RequestID, _ reason: FinishReason) throws { try ledger.finish(request, reason) }
    mutating func reject(_ request: RequestID, _ error: AdmissionError) throws { try ledger.refuse(request, error) }
    mutating func report(_ step: StepRecord) throws { lastReport = step }
}
