import Scheduling

/// The scheduling core with a witness: all events and actions of the core are checked against the invariants. A value:
/// copy it to try two continuations.
package struct WitnessedCore: Sendable {
    package private(set) var core: EngineCore
    package private(set) var witness: Witness
    /// The model's answer to a request alone.
    private let answer: @Sendable (RequestSpec) -> [TokenID]
    /// Whether the policy knows that no answer is longer than predicted, and so never needs to preempt.
    private let isForeseen: Bool
    /// Only for td-pipe with stages that draw one token at a time; otherwise nil.
    private var phases: PhaseChecker?
    /// nil where idle stages are not checked.
    private var occupancy: OccupancyChecker?
    /// Stages that are away.
    private var lost: Set<StageID> = []
    private let planted: PlantedBug?
    /// Whether a planted bug has yet to show.
    private var isPrimed: Bool

    /// - Parameters:
    ///   - isForeseen: whether the policy knows that no answer is longer than predicted.
    ///   - servesByArrival: whether the policy begins requests in the order of their arrival.
    ///   - drawsOne: whether stages draw one token at a time. Only then td-pipe keeps its promises about phases.
    ///   - answer: the model's answer to a request alone, up to a stop token or the limit of the answer.
    package init(
        _ configuration: EngineConfiguration, policy: any SchedulingPolicy, isForeseen: Bool = false,
        servesByArrival: Bool = true, drawsOne: Bool = true,
        answer: @escaping @Sendable (RequestSpec) -> [TokenID]
    ) {
        self.init(
            configuration, policy: policy, isForeseen: isForeseen, servesByArrival: servesByArrival, drawsOne: drawsOne,
            occupancy: nil, planted: nil, answer: answer)
    }

    /// - Parameter occupancy: checks idle stages; nil: they are not checked.
    init(
        _ configuration: EngineConfiguration, policy: any SchedulingPolicy, isForeseen: Bool, servesByArrival: Bool,
        drawsOne: Bool = true, occupancy: OccupancyChecker?, planted: PlantedBug?,
        answer: @escaping @Sendable (RequestSpec) -> [TokenID]
    ) {
        var limits = configuration
        if planted == .oneAtATime { limits.maxSequences = 1 }
        core = EngineCore(configuration: limits, policy: policy)
        self.occupancy = occupancy
        self.answer = answer
        self.isForeseen = isForeseen
        self.planted = planted
        isPrimed = planted == .doubleGrant || planted == .wrongBlock
        witness = Witness(
            configuration, overtaking: servesByArrival ? .never : drawsOne ? .patiently : .always,
            engines: policy is VirtualEnginesPolicy ? configuration.stages : 1)
        if drawsOne, let policy = policy as? TDPipePolicy, !policy.options.piggyback {
            phases = PhaseChecker(stages: configuration.stages, steals: policy.options.stealing)
        }
    }

    /// Tells the core an event, and checks its actions. Returns the actions to carry out.
    package mutating func tell(_ event: EngineEvent, at now: Instant) throws(FaultViolation) -> [EngineAction] {
        let isStray = isStray(event)
        let before = (counters: core.counters, live: core.liveRequests, waiting: core.waitingRequests)
        var actions: [EngineAction] = []
        if !passesOver(event) { core.handle(event, at: now, into: &actions) }
        if isStray {
            try checkStray(event, actions, before.counters)
        } else {
            let retired = note(event)
            let isDisturbed = core.liveRequests != before.live || core.waitingRequests != before.waiting
            notePressure(isDisturbed: isDisturbed)
            tamper(after: event, &actions)
            for action in actions { try check(action, of: event) }
            try checkEndings(event, actions)
            if case .schedule = event { try checkOccupancy(actions) }
            if let retired { try checkReport(of: retired, actions) }
        }
        try checkAccounts()
        if planted == .wrongBlock { actions = actions.map { forge($0) } }
        return actions
    }

    /// Checks that nothing is left once all requests have ended.
    package func checkEmpty() throws(FaultViolation) {
        let counters = core.counters
        let isIdle = witness.inFlight == 0 && core.liveRequests == 0 && core.lostStages.isEmpty
        try expect(
            isIdle, .liveness,
            "\(witness.inFlight) micro-batches and \(core.liveRequests) requests are left; lost: \(core.lostStages)")
        try expect(core.blocksInUse == 0, .accounts, "\(core.blocksInUse) blocks are left in use")
        var restarts = 0
        for case .some(let entry) in witness.entries {
            try expect(!entry.isLive, .endings, "\(entry.spec.id) has no end")
            restarts += entry.restarts
        }
        try expect(restarts <= counters.preemptions, .accounts, "\(restarts) restarts, \(counters)")
        let isCounted =
            counters.microBatches == witness.dispatched && counters.blocksPeak <= core.configuration.blockCount
        try expect(isCounted, .accounts, "\(witness.dispatched) dispatched, \(counters)")
    }

    /// Whether an event is repeated, or concerns a request or a micro-batch that has ended.
    private func isStray(_ event: EngineEvent) -> Bool {
        switch event {
        case .cancelled(let id), .stopped(let id): !witness.isLive(id)
        case .retired(let id, _, _, _): id.rawValue < witness.dispatched - witness.inFlight
        case .stageLost(let stage): lost.contains(stage)
        case .stageRestored(let stage): !lost.contains(stage)
        case .arrived, .schedule: false
        }
    }

    private func checkStray(
        _ event: EngineEvent, _ actions: [EngineAction], _ before: EngineCounters
    ) throws(FaultViolation) {
        var expected = before
        if case .retired = event { expected.strayRetirements += 1 }
        let isIgnored = actions.isEmpty && core.counters == expected
        try expect(isIgnored, .strays, "\(actions.count) actions and \(core.counters) after \(Self.name(event))")
    }

    /// Enters an event in the witness's account. Returns the micro-batch that it retires; nil for other events.
    private mutating func note(_ event: EngineEvent) -> MicroBatch? {
        switch event {
        case .arrived(let spec):
            let isRefused = core.configuration.refusal(of: spec) != nil
            witness.arrive(spec, answer: isRefused ? [] : answer(spec))
        case .retired(_, _, let computedThrough, _): return witness.retire(computedThrough: computedThrough)
        case .stageLost(let stage):
            lost.insert(stage)
            witness.void()
            phases?.interrupt()
        case .stageRestored(let stage): lost.remove(stage)
        case .cancelled, .stopped, .schedule: break
        }
        return nil
    }

    private mutating func notePressure(isDisturbed: Bool) {
        if isDisturbed { phases?.disturb() }
        // With fewer free blocks than requests, some request may have found none.
        let isShort = core.blocksInUse + core.liveRequests > core.configuration.blockCount
        if isShort || core.counters.preemptions > 0 { phases?.runShort() }
    }

    private mutating func check(_ action: EngineAction, of event: EngineEvent) throws(FaultViolation) {
        switch action {
        case .dispatch(let batch):
            if let lost = lost.min() {
                throw FaultViolation(.outage, "\(batch.id) is dispatched while \(lost) is lost")
            }
            guard case .schedule = event else {
                throw FaultViolation(.dispatch, "\(batch.id) is dispatched without being asked for")
            }
            try check(batch)
            try witness.dispatch(batch)
        case .emit(let id, let tokens): try witness.emit(id, tokens)
        case .finish(let id, let reason): try witness.finish(id, reason, asked: Self.reason(event, id))
        case .reject(let id, let error): try witness.refuse(id, error)
        case .report: break
        }
    }

    /// Checks a micro-batch against the limits of configuration and policy.
    private mutating func check(_ batch: MicroBatch) throws(FaultViolation) {
        try expect(batch.id.rawValue == witness.dispatched, .dispatch, "\(batch.id) follows \(witness.dispatched - 1)")
        try expect(!batch.slices.isEmpty, .dispatch, "\(batch.id) is empty")
        let (prefill, decode) = split(batch)
        let phase: Phase = decode == 0 ? .prefill : prefill == 0 ? .decode : .mixed
        try expect(batch.phase == phase, .dispatch, "\(batch.id) is called \(batch.phase)")
        try checkLikeness(batch)
        let (stages, chunk) = (core.configuration.stages, core.configuration.prefillChunk)
        let isPhased = ["td-pipe", "auto"].contains(core.policyName)
        let alike = witness.flights.count { !isPhased || ($0.phase == .prefill) == (phase == .prefill) }
        let window = isPhased && phase == .prefill ? core.configuration.prefillWindow : stages
        try expect(alike < window, .window, "\(batch.id) joins \(alike) in flight on \(stages) stages")
        try checkEngine(of: batch)
        switch core.policyName {
        case "td-pipe":
            // Where a stage draws several tokens, tokens that are computed again count as prompt tokens.
            let isPure = phase != .mixed || phases == nil
            try expect(isPure && prefill <= chunk, .window, "\(batch.id) has \(prefill) + \(decode) tokens")
            let decoding = decoding
            let isIdle = witness.inFlight == 0
            try phases?.check(batch, decoding: decoding, isIdle: isIdle)
        case "separate", "virtual-separate":
            try expect(phase != .mixed && prefill <= chunk, .window, "\(batch.id) has \(prefill) + \(decode) tokens")
        case "throttle", "auto": try expect(prefill <= chunk, .window, "\(batch.id) has \(prefill) prompt tokens")
        default:
            let isWithin = prefill == 0 || prefill + decode <= chunk
            try expect(isWithin, .window, "\(batch.id) has \(prefill) + \(decode) tokens")
        }
    }

    /// Checks that a virtual engine computes its own requests alone, one micro-batch at a time.
    private func checkEngine(of batch: MicroBatch) throws(FaultViolation) {
        guard core.policyName.hasPrefix("virtual-") else { return }
        let engines = Set(batch.slices.map { witness[$0.request].engine })
        try expect(engines.count == 1, .window, "\(batch.id) mixes requests of \(engines.count) engines")
        let isFree = witness.flights.allSatisfy { other in
            other.slices.allSatisfy { !engines.contains(witness[$0.request].engine) }
        }
        try expect(isFree, .window, "\(batch.id) is of an engine that has one in flight")
    }

    /// The numbers of prompt (or recomputed) tokens and of decode steps in a micro-batch that is about to be issued.
    private func split(_ batch: MicroBatch) -> (prefill: Int, decode: Int) {
        var prefill = 0
        var decode = 0
        for slice in batch.slices where witness.isLive(slice.request) {
            let entry = witness[slice.request]
            let isDecode = entry.knownTokens - slice.start == 1 && entry.answered > 0
            if isDecode { decode += 1 } else { prefill += slice.tokens.count }
        }
        return (prefill, decode)
    }

    /// Checks `isAmongLikeDecodeSteps`: layers may compute such steps in any order, so no sequence may be in two.
    private func checkLikeness(_ batch: MicroBatch) throws(FaultViolation) {
        let count = batch.slices.count
        let isAmongAlike =
            batch.phase == .decode
            && witness.flights.allSatisfy { other in
                let (less, more) = (min(count, other.slices.count), max(count, other.slices.count))
                return other.phase == .decode && (more - less <= 1 || 3 * more <= 4 * less)
            }
        try expect(
            batch.isAmongLikeDecodeSteps == isAmongAlike, .dispatch,
            "\(batch.id) is \(batch.isAmongLikeDecodeSteps) of like decode steps")
        guard isAmongAlike else { return }
        let others = Set(witness.flights.flatMap { $0.slices.map(\.request) })
        let isFree = batch.slices.allSatisfy { !others.contains($0.request) }
        try expect(isFree, .dispatch, "\(batch.id) depends on one in flight")
    }

    /// Requests that decode, in flight or not.
    private var decoding: [Int] {
        witness.entries.indices.filter { index in
            guard let entry = witness.entries[index], entry.isLive, !entry.mustRestart else { return false }
            let left = entry.knownTokens - entry.issued
            return entry.wasDispatched && (left == 0 || (left == 1 && entry.answered > 0))
        }
    }

    /// The reason for which the event ends the request; nil if it does not.
    private static func reason(_ event: EngineEvent, _ id: RequestID) -> FinishReason? {
        switch event {
        case .cancelled(id): .cancelled
        case .stopped(id): .stopped
        default: nil
        }
    }

    /// Checks that every request that has to end has ended.
    private func checkEndings(_ event: EngineEvent, _ actions: [EngineAction]) throws(FaultViolation) {
        switch event {
        case .cancelled(let id), .stopped(let id):
            try expect(!witness.isLive(id), .endings, "\(id) goes on after \(Self.name(event))")
        default: break
        }
        for case .emit(let id, _) in actions {
            let isOver = !witness.isLive(id) || !witness.isComplete(id)
            try expect(isOver, .endings, "\(id) goes on after its whole answer")
        }
    }

    private mutating func checkOccupancy(_ actions: [EngineAction]) throws(FaultViolation) {
        guard lost.isEmpty else { return }
        var last: MicroBatch?
        for case .dispatch(let batch) in actions { last = batch }
        try occupancy?.check(witness, dispatched: last, core.counters)
    }

    private func checkReport(of batch: MicroBatch, _ actions: [EngineAction]) throws(FaultViolation) {
        guard case .report(let step) = actions.last else {
            throw FaultViolation(.reports, "\(batch.id) has no report")
        }
        let isRight =
            step.microBatch == batch.id && step.phase == batch.phase && step.sequences == batch.slices.count
            && step.prefillTokens + step.decodeTokens == batch.tokenCount
            && (step.decodeTokens == 0) == (batch.phase == .prefill)
            && (step.prefillTokens == 0) == (batch.phase == .decode)
            && step.blocksInUse == core.blocksInUse && step.waitingRequests == core.waitingRequests
            && step.liveRequests == core.liveRequests && step.dispatched <= step.retired
        try expect(isRight, .reports, "\(step) of a micro-batch of \(batch.slices.count) slices")
    }

    private func checkAccounts() throws(FaultViolation) {
        do {
            try core.checkIntegrity()
        } catch {
            throw FaultViolation(.accounts, error.description)
        }
        try expect(
            core.microBatchesInFlight == witness.inFlight && core.liveRequests == witness.live, .accounts,
            "\(core.microBatchesInFlight) micro-batches and \(core.liveRequests) requests; the witness counts "
                + "\(witness.inFlight) and \(witness.live)")
        try expect(core.lostStages == lost.sorted(), .accounts, "\(core.lostStages) are lost, not \(lost.sorted())")
        let active = core.liveRequests - core.waitingRequests
        try expect(active <= core.configuration.maxSequences, .window, "\(active) sequences are active")
        let isRight = !isForeseen || core.counters.preemptions == 0
        try expect(isRight, .foresight, "\(core.counters.preemptions) preemptions although every answer was foreseen")
    }

    private static func name(_ event: EngineEvent) -> String {
        switch event {
        case .arrived(let spec): "the arrival of \(spec.id)"
        case .cancelled(let id): "the cancellation of \(id)"
        case .stopped(let id): "the stop of \(id)"
        case .retired(let id, _, _, _): "the retirement of \(id)"
        case .stageLost(let stage): "the loss of \(stage)"
        case .stageRestored(let stage): "the return of \(stage)"
        case .schedule: "planning"
        }
    }
}

// MARK: - Planted bugs

extension WitnessedCore {
    private func passesOver(_ event: EngineEvent) -> Bool {
        if case .cancelled = event { planted == .lostCancellation } else { false }
    }

    private mutating func tamper(after event: EngineEvent, _ actions: inout [EngineAction]) {
        switch planted {
        case .repeatedAnswer:
            if case .stageRestored = event { isPrimed = true }
            guard isPrimed else { return }
            for case .emit(let id, let tokens) in actions {
                actions.insert(.emit(id, tokens), at: 0)
                isPrimed = false
                return
            }
        case .doubleGrant: actions = actions.map { forge($0) }
        default: return
        }
    }

    /// Puts another sequence's block into the table of a sequence that has tokens in the KV cache.
    private mutating func forge(_ action: EngineAction) -> EngineAction {
        guard isPrimed, case .dispatch(let batch) = action else { return action }
        for (index, slice) in batch.slices.enumerated() where slice.start > 0 && !slice.draws.isEmpty {
            let others = batch.slices.lazy.filter { $0.request != slice.request }
            guard let other = others.first?.blocks.first else { continue }
            isPrimed = false
            var slices = batch.slices
            slices[index] = SequenceSlice(
                request: slice.request, start: slice.start, tokens: slice.tokens,
                blocks: [other] + slice.blocks.dropFirst(), draws: slice.draws)
            return .dispatch(
                MicroBatch(
                    id: batch.id, phase: batch.phase, slices: slices,
                    isAmongLikeDecodeSteps: batch.isAmongLikeDecodeSteps))
        }
        return action
    }
}
