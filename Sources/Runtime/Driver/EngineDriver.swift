import Scheduling
import Synchronization

/// The controller: tells the core what happens, carries out what it wants, never computes and never sees activations
/// (TD-Pipe's hierarchy-controller: a control plane apart from the execution plane).
public final class EngineDriver: Sendable {
    /// Is told an event, its time, and all that the core wants done upon it, before any of that is done. What it throws
    /// ends the run.
    public typealias EventRecorder = (EngineEvent, Instant, ArraySlice<EngineAction>) throws -> Void

    private let pipeline: Pipeline
    private let clock: RunClock
    private let isStopping = Atomic<Bool>(false)
    private let hasRun = Atomic<Bool>(false)
    /// Requests that are kept waiting in the core, ahead of need.
    private static let lookahead = 512

    public init(pipeline: Pipeline, clock: RunClock) {
        self.pipeline = pipeline
        self.clock = clock
    }

    /// Ends the run soon: requests that have not finished are cancelled. May be called from any thread.
    public func stop() {
        isStopping.store(true, ordering: .releasing)
        pipeline.wakeUp()
    }

    /// Whether `stop` was called.
    public var wasStopped: Bool { isStopping.load(ordering: .acquiring) }

    /// Starts the clock and runs until the client has no more requests and all have ended, then ends the pipeline's
    /// threads.
    ///
    /// - Parameters:
    ///   - profile: what the times of the micro-batches are compared with, a profile of as many stages; nil: nothing.
    ///   - recorder: is told everything that the core is told, for a log that can be replayed.
    /// - Throws: what client and recorder throw, `RuntimeError` if a stage fails, `IntegrityError` for a bug in the core.
    public func run(
        _ core: consuming EngineCore, client: any EngineClient, profile: MeasuredStepCost? = nil,
        recorder: EventRecorder? = nil
    ) throws -> DriverReport {
        precondition(!hasRun.exchange(true, ordering: .relaxed), "a driver runs once: its pipeline has ended")
        clock.start()
        var run = Run(
            core: core, client: client, pipeline: pipeline, clock: clock, meter: profile.map { ProfileMeter($0) },
            recorder: recorder)
        do {
            try drive(&run)
        } catch {
            pipeline.shutDown()
            throw error
        }
        pipeline.shutDown()
        return run.report(activity: pipeline.activity, spans: pipeline.spans)
    }

    private func drive(_ run: inout Run) throws {
        while true {
            if isStopping.load(ordering: .acquiring) {
                try run.cancelAll()
            } else {
                try run.feed(upTo: Self.lookahead)
            }
            if run.core.microBatchesInFlight == 0 { try run.core.checkIntegrity() }
            try run.handle(.schedule)
            if run.core.microBatchesInFlight == 0 {
                if run.core.liveRequests == 0 { return }
                let stuck = "policy \(run.core.policyName) has nothing to do for \(run.core.liveRequests) live requests"
                throw RuntimeError(.stalled, stuck)
            }
            for event in pipeline.nextEvents() {
                switch event {
                case .retired(let id, let tokens, let seconds):
                    run.meter?.retired(seconds)
                    try run.handle(.retired(id, tokens, stageSeconds: seconds))
                case .failed(let stage, let why): throw RuntimeError(.stageFailed, "\(stage) failed: \(why)")
                case .wakeUp: break
                }
            }
        }
    }
}

/// The state of one run of the driver.
private struct Run {
    var core: EngineCore
    let client: any EngineClient
    let pipeline: Pipeline
    let clock: RunClock
    var meter: ProfileMeter?
    let recorder: EngineDriver.EventRecorder?
    private var exhausted = false
    private var actions: [EngineAction] = []
    private var live: Set<RequestID> = []
    private var phaseSwitches = 0
    private var lastPhase: Phase?

    init(
        core: consuming EngineCore, client: any EngineClient, pipeline: Pipeline, clock: RunClock,
        meter: ProfileMeter?, recorder: EngineDriver.EventRecorder?
    ) {
        self.core = core
        self.client = client
        self.pipeline = pipeline
        self.clock = clock
        self.meter = meter
        self.recorder = recorder
    }

    mutating func feed(upTo limit: Int) throws {
        while !exhausted && core.waitingRequests < limit {
            guard let spec = try client.nextRequest() else {
                exhausted = true
                return
            }
            live.insert(spec.id)
            try handle(.arrived(spec))
        }
    }

    mutating func cancelAll() throws {
        exhausted = true
        for id in live.sorted() { try handle(.cancelled(id)) }
    }

    /// Tells the core, then carries out its actions; those may lead to more events.
    mutating func handle(_ event: EngineEvent) throws {
        try tell(event)
        var next = 0
        while next < actions.count {
            try perform(actions[next])
            next += 1
        }
        actions.removeAll(keepingCapacity: true)
    }

    private mutating func tell(_ event: EngineEvent) throws {
        let now = clock.now
        let first = actions.count
        core.handle(event, at: now, into: &actions)
        try recorder?(event, now, actions[first...])
    }

    private mutating func perform(_ action: EngineAction) throws {
        switch action {
        case .dispatch(let batch):
            if let lastPhase, lastPhase != batch.phase { phaseSwitches += 1 }
            lastPhase = batch.phase
            pipeline.dispatch(batch)
            meter?.dispatched(batch)
        case .emit(let id, let tokens):
            if try !client.emitted(id, tokens) { try tell(.stopped(id)) }
        case .finish(let id, let reason):
            live.remove(id)
            try client.finished(id, reason)
        case .reject(let id, let error):
            live.remove(id)
            try client.rejected(id, error)
        case .report(let step):
            try client.reported(step)
        }
    }

    func report(activity: [StageActivity], spans: [StageSpan]) -> DriverReport {
        DriverReport(
            counters: core.counters, phaseSwitches: phaseSwitches, activity: activity, spans: spans, end: clock.now,
            profileRatio: meter?.ratio)
    }
}
