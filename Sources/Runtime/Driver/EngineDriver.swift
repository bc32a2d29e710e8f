import Scheduling
import Synchronization

/// The controller: tells the core what happens, carries out what it wants, never computes and never sees activations
/// (TD-Pipe's hierarchy-controller: a control plane apart from the execution plane).
///
/// `run` occupies one thread, which sleeps while there is nothing to do. Everything else may be called from any thread,
/// before and during the run.
package final class EngineDriver: Sendable {
    /// Is told an event, its time, and all that the core wants done upon it, before any of that is done. What it throws
    /// ends the run.
    package typealias EventRecorder = (EngineEvent, Instant, ArraySlice<EngineAction>) throws -> Void

    private let pipeline: Pipeline
    private let clock: RunClock
    private let gate = SubmissionGate(most: EngineDriver.mostUntold)
    private let isStopping = Atomic<Bool>(false)
    private let hasRun = Atomic<Bool>(false)
    /// Requests that are kept waiting in the core, ahead of need. More are held back: a policy looks at all that wait.
    package static let lookahead = 512
    /// Requests held back from which on `waitForRoom` waits.
    package static let mostUntold = 64

    package init(pipeline: Pipeline, clock: RunClock) {
        self.pipeline = pipeline
        self.clock = clock
    }

    /// Hands requests over and returns at once. The core is told of them in this order; ids are unique within a run.
    /// - Returns: false if no more requests are taken in (`finish`, `stop`, or the run has ended): then nothing is told
    ///   of these.
    @discardableResult
    package func submit(_ submissions: [Submission]) -> Bool {
        gate.add(submissions.count)
        return pipeline.controller.submit(submissions)
    }

    /// Hands one request over, as `submit(_:)` does.
    @discardableResult
    package func submit(_ spec: RequestSpec, to sink: any AnswerSink) -> Bool { submit([Submission(spec, to: sink)]) }

    /// Sleeps until the core has been told of most requests that were submitted, for callers with more requests than
    /// memory.
    /// - Returns: false if no more requests are taken in.
    package func waitForRoom() -> Bool { gate.waitForRoom() }

    /// Gives a request up: it ends with `.cancelled`. Of a request that has ended, nothing comes.
    package func cancel(_ request: RequestID) { pipeline.controller.add(.cancelled(request)) }

    /// Ends a request whose text is complete with `.stopped`: what `emitted` does by returning false, for those who read
    /// the text on another thread. Further tokens may be emitted until the controller has heard of it.
    package func complete(_ request: RequestID) { pipeline.controller.add(.stopped(request)) }

    /// No more requests come: the run returns when those that are there have ended.
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

    /// Ends the run with an error of the caller's: `run` throws it, and every request that has not ended is told.
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
    ///   - profile: what the times of the micro-batches are compared with, a profile of as many stages; nil: nothing.
    ///   - recorder: is told everything that the core is told, for a log that can be replayed.
    ///   - onStep: called when a micro-batch has retired, on this thread.
    ///   - onRound: called on this thread when sinks were told all that there was to tell, before the controller sleeps.
    /// - Throws: what the recorder throws, `RuntimeError` if a stage fails, `IntegrityError` for a bug in the core, what
    ///   `abort` was given. Every request that has not ended is told the error, too.
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

    /// Ends the pipeline's threads and takes no more requests in. Those that came too late to be heard of end as well.
    private func end(_ run: inout DriverRun, _ error: (any Error)?) {
        gate.close()
        let unheard = pipeline.controller.end()
        pipeline.shutDown()
        run.end(unheard, error)
    }
}
