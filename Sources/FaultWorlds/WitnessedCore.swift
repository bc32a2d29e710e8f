import Scheduling

/// The scheduling core with a witness beside it: whatever it is told and wants done is held against the invariants.
struct WitnessedCore: Sendable {
    private(set) var core: EngineCore
    private(set) var witness: FaultWitness
    private let world: FaultWorld
    private let planted: PlantedBug?
    /// Whether a planted bug has yet to show.
    private var isPrimed: Bool

    init(_ world: FaultWorld, planted: PlantedBug?) {
        core = EngineCore(configuration: world.configuration, policy: world.makePolicy())
        witness = FaultWitness(world)
        self.world = world
        self.planted = planted
        isPrimed = planted == .doubleGrant || planted == .wrongBlock
    }

    /// Tells the core, and checks what it makes of that. Returns what is to be done.
    mutating func tell(_ event: EngineEvent, at now: Instant) throws(FaultViolation) -> [EngineAction] {
        let isStray = isStray(event)
        let before = core.counters
        var actions: [EngineAction] = []
        if !passesOver(event) { core.handle(event, at: now, into: &actions) }
        if isStray {
            try checkStray(event, actions, before)
        } else {
            note(event)
            tamper(after: event, &actions)
            for action in actions { try check(action, of: event) }
            try checkEndings(event, actions)
        }
        try checkAccounts()
        if planted == .wrongBlock { actions = actions.map { forge($0) } }
        return actions
    }

    /// Whether an event is of something that is not there any more, or was told already.
    private func isStray(_ event: EngineEvent) -> Bool {
        switch event {
        case .cancelled(let id), .stopped(let id): !witness.isLive(id)
        case .retired(let id, _, _): id.rawValue < witness.dispatched - witness.inFlight
        case .stageLost(let stage): core.lostStages.contains(stage)
        case .stageRestored(let stage): !core.lostStages.contains(stage)
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

    private mutating func note(_ event: EngineEvent) {
        switch event {
        case .arrived(let spec): witness.arrive(spec.id)
        case .retired: witness.retire()
        case .stageLost: witness.void()
        case .cancelled, .stopped, .stageRestored, .schedule: break
        }
    }

    private mutating func check(_ action: EngineAction, of event: EngineEvent) throws(FaultViolation) {
        switch action {
        case .dispatch(let batch):
            if let lost = core.lostStages.first {
                throw FaultViolation(.outage, "\(batch.id) is dispatched while \(lost) is lost")
            }
            guard case .schedule = event else {
                throw FaultViolation(.dispatch, "\(batch.id) is dispatched without being asked for")
            }
            try witness.dispatch(batch)
        case .emit(let id, let tokens): try witness.emit(id, tokens)
        case .finish(let id, let reason): try witness.finish(id, reason, asked: Self.reason(event, id))
        case .reject(let id, let error): try witness.refuse(id, error)
        case .report: break
        }
    }

    /// Why the caller ends this request with this event; nil if it does not.
    private static func reason(_ event: EngineEvent, _ id: RequestID) -> FinishReason? {
        switch event {
        case .cancelled(id): .cancelled
        case .stopped(id): .stopped
        default: nil
        }
    }

    /// Whoever is to end has ended.
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
        let isRight = !world.isForeseen || core.counters.preemptions == 0
        try expect(isRight, .foresight, "\(core.counters.preemptions) preemptions although every answer was foreseen")
    }

    private static func name(_ event: EngineEvent) -> String {
        switch event {
        case .arrived(let spec): "the arrival of \(spec.id)"
        case .cancelled(let id): "the cancellation of \(id)"
        case .stopped(let id): "the stop of \(id)"
        case .retired(let id, _, _): "the retirement of \(id)"
        case .stageLost(let stage): "the loss of \(stage)"
        case .stageRestored(let stage): "the return of \(stage)"
        case .schedule: "planning"
        }
    }

    // MARK: planted bugs

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

    /// Puts another sequence's block into the table of one that has more than one token in the cache.
    private mutating func forge(_ action: EngineAction) -> EngineAction {
        guard isPrimed, case .dispatch(let batch) = action else { return action }
        for (index, slice) in batch.slices.enumerated() where slice.start > 0 && slice.sampling != nil {
            let others = batch.slices.lazy.filter { $0.request != slice.request }
            guard let other = others.first?.blocks.first else { continue }
            isPrimed = false
            var slices = batch.slices
            slices[index] = SequenceSlice(
                request: slice.request, start: slice.start, tokens: slice.tokens,
                blocks: [other] + slice.blocks.dropFirst(), sampling: slice.sampling)
            return .dispatch(
                MicroBatch(
                    id: batch.id, phase: batch.phase, slices: slices,
                    isAmongLikeDecodeSteps: batch.isAmongLikeDecodeSteps))
        }
        return action
    }
}
