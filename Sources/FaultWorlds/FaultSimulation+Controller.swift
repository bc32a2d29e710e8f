import Scheduling

/// The controller: passes on to the core what it hears, and brings lost stages back.
extension FaultSimulation: EngineEffects {
    typealias Failure = FaultViolation

    mutating func tell(_ event: EngineEvent) throws(FaultViolation) {
        let actions = try engine.tell(event, at: now)
        if case .schedule = event {} else { hasNews = true }
        for action in actions {
            if let next = try perform(action) { try tell(next) }
        }
    }

    /// Lets the core plan if something was heard, now or later.
    mutating func planOrPutOff() throws(FaultViolation) {
        guard hasNews, !isPlanPending else { return }
        if random.chance(world.idleness) {
            isPlanPending = true
            events.add(.plan, at: after(1 + drawn(upTo: 3 * world.stageNanoseconds[0])))
        } else {
            try plan()
        }
    }

    mutating func plan() throws(FaultViolation) {
        hasNews = false
        try tell(.schedule)
    }

    mutating func dispatch(_ batch: MicroBatch) {
        if !areFaultsOn { quietMicroBatches += 1 }
        log.addDispatch(batch, at: now)
        if planted == .resentFlights { sent.append(batch) }
        announce(batch)
    }

    /// Plays the caller, who looks for the end of an answer in its text, and finds the end at once or some time later.
    mutating func emit(_ id: RequestID, _ tokens: [SampledToken]) -> AnswerState {
        log.add("emit", at: now, [("request", id.rawValue), ("token", Int(tokens[0].token))])
        let request = world.requests[id.rawValue]
        guard let stop = request.stop, engine.witness[id].answered >= stop else { return .goesOn }
        if request.stopDelay == 0 { return .isComplete }
        events.add(.stop(id), at: after(request.stopDelay))
        return .goesOn
    }

    mutating func finish(_ id: RequestID, _ reason: FinishReason) {
        totals.finished += 1
        log.add("finish", at: now, [("request", id.rawValue)], words: "\(reason)")
    }

    mutating func reject(_ id: RequestID, _ error: AdmissionError) {
        totals.refused += 1
        log.add("refuse", at: now, [("request", id.rawValue)], words: error.code.name)
    }

    mutating func report(_ step: StepRecord) { log.add("retire", at: now, [("batch", step.microBatch.rawValue)]) }

    private mutating func announce(_ batch: MicroBatch) {
        for stage in stages.indices { send(.announced(stage: stage, batch), taking: world.dispatchDelay) }
    }

    mutating func hear(_ retirement: RecoveryBoard.Retirement) throws(FaultViolation) {
        for due in board.take(retirement) {
            log.add("hear", at: now, [("batch", due.batch)])
            try tell(.retired(MicroBatchID(due.batch), due.tokens, stageSeconds: due.seconds))
        }
    }

    mutating func hearLoss(_ stage: Int, _ incarnation: Int) throws(FaultViolation) {
        guard incarnation > board.noticed[stage] else { return }
        board.noticed[stage] = incarnation
        quietMicroBatches = 0
        log.add("notice", at: now, [("stage", stage), ("losses", incarnation)])
        if planted == .resentFlights {
            board.begin(next: engine.witness.dispatched - engine.witness.inFlight)
            for other in stages.indices { order(other) }
            return
        }
        try tell(.stageLost(StageID(stage)))
        if random.chance(20) { try tell(.stageLost(StageID(stage))) }
        board.begin(next: engine.witness.dispatched)
        for other in stages.indices { order(other) }
    }

    /// A stage is back, with an empty memory. The message may overtake the message of its loss.
    mutating func hearReturn(_ stage: Int, _ incarnation: Int) throws(FaultViolation) {
        guard incarnation >= board.noticed[stage] else { return }
        if incarnation > board.noticed[stage] {
            try hearLoss(stage, incarnation)
        } else {
            order(stage)
        }
    }

    mutating func hearAcknowledgement(_ stage: Int, epoch: Int, incarnation: Int) throws(FaultViolation) {
        guard epoch == board.epoch, incarnation == board.noticed[stage], !board.hasForgotten[stage] else { return }
        board.hasForgotten[stage] = true
        let lost = engine.core.lostStages
        if board.hasForgotten.allSatisfy(\.self) {
            for batch in sent.dropFirst(board.next) { announce(batch) }
            for other in lost { try tell(.stageRestored(other)) }
            if random.chance(20) { try tell(.stageRestored(StageID(stage))) }
        } else if lost.count > 1, lost.contains(StageID(stage)), random.chance(50) {
            // The core may be told of one restored stage before all stages have forgotten: it dispatches nothing before
            // the last lost stage is restored.
            try tell(.stageRestored(StageID(stage)))
        }
    }

    private mutating func order(_ stage: Int) {
        send(
            .reset(stage: stage, FaultyStage.Reset(epoch: board.epoch, next: board.next)),
            taking: world.dispatchDelay)
    }
}
