import DequeModule
import Scheduling

/// The state of one run of the driver: the loop with the core, and the requests that the core has not been told of.
struct DriverRun {
    private var loop: EngineLoop
    private var effects: DriverEffects
    /// Requests that the core has not been told of, in the order of submission.
    private var heldBack = Deque<Submission>()
    /// The number of requests that left `heldBack` since the last call of `feed`.
    private var told = 0
    private var isFinishing = false
    private var isStopping = false

    init(
        _ core: EngineCore, pipeline: Pipeline, clock: RunClock, meter: ProfileMeter?,
        recorder: EngineDriver.EventRecorder?, onStep: @escaping (StepRecord) -> Void
    ) {
        loop = EngineLoop(core)
        effects = DriverEffects(pipeline: pipeline, clock: clock, meter: meter, recorder: recorder, onStep: onStep)
    }

    /// Whether nothing is left to do, and no more requests come.
    var isOver: Bool {
        isFinishing && heldBack.isEmpty && loop.core.liveRequests == 0 && loop.core.microBatchesInFlight == 0
    }

    mutating func hear(_ event: ControllerEvent) throws {
        switch event {
        case .arrived(let submissions): heldBack.append(contentsOf: submissions)
        case .cancelled(let id): try cancel(id)
        case .stopped(let id): try loop.handle(.stopped(id), &effects)
        case .retired(let id, let tokens, let seconds):
            effects.meter?.retired(seconds)
            try loop.handle(.retired(id, tokens, stageSeconds: seconds), &effects)
        case .failed(let stage, let why): throw RuntimeError(.stageFailed, "\(stage) failed: \(why)")
        case .aborted(let error): throw error
        case .finish: isFinishing = true
        case .stop:
            isFinishing = true
            isStopping = true
        }
    }

    private mutating func cancel(_ id: RequestID) throws {
        if effects.sinks[id] != nil { return try loop.handle(.cancelled(id), &effects) }
        // The core has not been told of the request, or the request has ended.
        guard let place = heldBack.firstIndex(where: { $0.spec.id == id }) else { return }
        heldBack.remove(at: place).sink.ended(id, .finished(.cancelled))
        told += 1
    }

    /// Tells the core of requests, until `limit` requests wait in the core.
    /// - Returns: the number of requests that are no longer held back since the last call.
    mutating func feed(upTo limit: Int) throws -> Int {
        if isStopping { try cancelAll() }
        while loop.core.waitingRequests < limit, let next = heldBack.popFirst() {
            told += 1
            effects.sinks[next.spec.id] = next.sink
            try loop.handle(.arrived(next.spec), &effects)
        }
        defer { told = 0 }
        return told
    }

    private mutating func cancelAll() throws {
        for id in effects.sinks.keys.sorted() { try loop.handle(.cancelled(id), &effects) }
        told += heldBack.count
        while let next = heldBack.popFirst() { next.sink.ended(next.spec.id, .finished(.cancelled)) }
    }

    /// Lets the core plan.
    /// - Throws: `stalled` if the core has nothing to do although requests are live.
    mutating func plan() throws {
        if loop.core.microBatchesInFlight == 0 { try loop.core.checkIntegrity() }
        try loop.handle(.schedule, &effects)
        guard loop.core.microBatchesInFlight == 0, loop.core.liveRequests > 0 else { return }
        let stuck =
            "policy \(loop.core.policyName) has nothing to do for \(loop.core.liveRequests) live requests"
        throw RuntimeError(.stalled, stuck)
    }

    /// Ends all requests that are left.
    /// - Parameters:
    ///   - unheard: events after the last one that the controller took.
    ///   - error: the error that ended the run; nil: the requests are cancelled.
    mutating func end(_ unheard: [ControllerEvent], _ error: (any Error)?) {
        let end: RequestEnd = if let error { .failed(error) } else { .finished(.cancelled) }
        for id in effects.sinks.keys.sorted() { effects.sinks.removeValue(forKey: id)?.ended(id, end) }
        while let next = heldBack.popFirst() { next.sink.ended(next.spec.id, end) }
        for case .arrived(let submissions) in unheard {
            for next in submissions { next.sink.ended(next.spec.id, end) }
        }
    }

    func report(activity: [StageActivity], spans: [StageSpan]) -> DriverReport {
        DriverReport(
            counters: loop.core.counters, phaseSwitches: loop.phaseSwitches, trials: loop.trials, activity: activity,
            spans: spans, end: effects.now, profileRatio: effects.meter?.ratio)
    }
}

/// The effects of the core's actions in a run of real stages.
private struct DriverEffects: EngineEffects {
    typealias Failure = any Error

    let pipeline: Pipeline
    let clock: RunClock
    var meter: ProfileMeter?
    let recorder: EngineDriver.EventRecorder?
    let onStep: (StepRecord) -> Void
    /// The sinks of the requests that the core has been told of and that have not ended.
    var sinks: [RequestID: any AnswerSink] = [:]

    var now: Instant { clock.now }

    func record(_ event: EngineEvent, at now: Instant, _ actions: ArraySlice<EngineAction>) throws {
        try recorder?(event, now, actions)
    }

    mutating func dispatch(_ batch: MicroBatch) {
        pipeline.dispatch(batch)
        meter?.dispatched(batch)
    }

    mutating func emit(_ request: RequestID, _ tokens: [SampledToken]) -> AnswerState {
        guard let sink = sinks[request] else { return .isGivenUp }
        do {
            return try sink.emitted(request, tokens) ? .goesOn : .isComplete
        } catch {
            end(request, .failed(error))
            return .isGivenUp
        }
    }

    mutating func finish(_ request: RequestID, _ reason: FinishReason) { end(request, .finished(reason)) }

    mutating func reject(_ request: RequestID, _ error: AdmissionError) { end(request, .rejected(error)) }

    func report(_ step: StepRecord) { onStep(step) }

    private mutating func end(_ request: RequestID, _ end: RequestEnd) {
        sinks.removeValue(forKey: request)?.ended(request, end)
    }
}
