import Scheduling
import Synchronization

/// The controller: tells the core what happens, and carries out its actions. It never computes and never sees
/// activations (TD-Pipe's hierarchy-controller: a control plane apart from the execution plane).
///
/// `run` occupies one thread, which sleeps while there is nothing to do. All other methods may be called from any
/// thread, before and during the run.
package final class EngineDriver: Sendable {
    /// Called with an event, its time, and all actions that follow from it, before any of the actions is carried out.
    /// An error that it throws ends the run.
    package typealias EventRecorder = (EngineEvent, Instant, ArraySlice<EngineAction>) throws -> Void

    private let pipeline: Pipeline
    private let clock: RunClock
    private let gate = SubmissionGate(most: EngineDriver.mostUntold)
    private let isStopping = Atomic<Bool>(false)
    private let hasRun = Atomic<Bool>(false)
    /// The number of requests that are kept waiting in the core, ahead of need. Further requests are held back, since a
    /// policy looks at all waiting requests.
    package static let lookahead = 512
    /// The number of untold requests from which on `waitForRoom` waits (back-pressure).
    package static let mostUntold = 64

    package init(pipeline: Pipeline, clock: RunClock) {
        self.pipeline = pipeline
        self.clock = clock
    }

    /// Submits requests and returns at once. The core is told of them in this order; ids must be unique within a run.
    /// - Returns: false if no more requests are taken in (`finish`, `stop`, or the run has ended): then the sinks of
    ///   the requests are told nothing.
    @discardableResult
    package func submit(_ submissions: [Submission]) -> Bool {
        gate.add(submissions.count)
        return pipeline.controller.submit(submissions)
    }

    /// Submits one request, as `submit(_:)` does.
    @discardableResult
    package func submit(_ spec: RequestSpec, to sink: any AnswerSink) -> Bool { submit([Submission(spec, to: sink)]) }

    /// Sleeps until the core has been told of most submitted requests: back-pressure for callers with more requests
    /// than memory.
    /// - Returns: false if no more requests are taken in.
    package func waitForRoom() -> Bool { gate.waitForRoom() }

    /// Cancels a request: it ends with `.cancelled`. Does nothing for a request that has ended.
    package func cancel(_ request: RequestID) { pipeline.controller.add(.cancelled(request)) }

    /// Ends a request whose text is complete with `.stopped`. A sink that reads the text on another thread calls this
    /// in place of returning false from `emitted`. Further tokens may be emitted until the controller has heard of it.
    package func complete(_ request: RequestID) { pipeline.controller.add(.stopped(request)) }

    /// No more requests come: the run returns when all submitted requests have ended.
    package func finish() {
        pipeline.controller.close(.finish)
        gate.close()
    }

    /// Ends the run soon: requests that have not ended are cancelled.
    package func stop() {
        isStopping.store(true, ordering: .releasing)
        pipeline.controller.close(.stop)
        gate.close()
    }

    /// Ends the run with an error of the caller: `run` throws the error, and every request that has not ended fails
    /// with it.
    package func abort(_ error: any Error) {
        pipeline.controller.close(.aborted(error))
        gate.close()
    }

    /// Whether `stop` was called.
    package var wasStopped: Bool { isStopping.load(ordering: .acquiring) }

    /// Starts the clock and runs until `finish` or `stop` was called and all requests have ended, then ends the
    /// pipeline's threads.
    ///
    /// - Parameters:
    ///   - profile: a profile with which the times of the micro-batches are compared; must have as many stages. nil: no
    ///     comparison.
    ///   - recorder: called with all events of the core, for a log that can be replayed.
    ///   - onStep: called when a micro-batch has retired, on this thread.
    ///   - onRound: called on this thread when all news has been told to the sinks, before the controller sleeps.
    /// - Throws: errors of the recorder, `RuntimeError` if a stage fails, `IntegrityError` for a bug in the core, and
    ///   the error that `abort` was given. Every request that has not ended fails with the same error.
    package func run(
        _ core: EngineCore, profile: MeasuredStepCost? = nil, recorder: EventRecorder? = nil,
        onStep: (StepRecord) -> Void = { _ in }, onRound: () -> Void = {}
    ) throws -> DriverReport {
        precondition(!hasRun.exchange(true, ordering: .relaxed), "a driver runs once: its pipeline has ended")
        clock.start()
        return try withoutActuallyEscaping(onStep) { onStep in
            var run = DriverRun(
                core, pipeline: pipeline, clock: clock, meter: profile.map { ProfileMeter($0) }, recorder: recorder,
                onStep: onStep)
            do {
                try drive(&run, onRound)
            } catch {
                end(&run, error)
                onRound()
                throw error
            }
            end(&run, nil)
            return run.report(activity: pipeline.activity, spans: pipeline.spans)
        }
    }

    private func drive(_ run: inout DriverRun, _ onRound: () -> Void) throws {
        while !run.isOver {
            for event in pipeline.nextEvents() { try run.hear(event) }
            gate.remove(try run.feed(upTo: Self.lookahead))
            try run.plan()
            onRound()
        }
    }

    /// Ends the pipeline's threads and takes no more requests in. Ends requests that came too late to be heard of, too.
    private func end(_ run: inout DriverRun, _ error: (any Error)?) {
        gate.close()
        let unheard = pipeline.controller.end()
        pipeline.shutDown()
        run.end(unheard, error)
    }
}
