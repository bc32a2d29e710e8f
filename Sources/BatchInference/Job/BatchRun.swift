import CPUDevice
import EventLog
import Inference
import OpenAIProtocol
import Platform
import Runtime
import Scheduling

/// The state of a run under way, for a progress display.
public struct BatchProgress: Sendable {
    public let step: StepRecord
    public let requestsDone: Int
    public let requestsTotal: Int
    public let failed: Int
    /// Prompt tokens plus the most output tokens of all requests; nil until the engine has all requests.
    public let expectedTokens: Int?
    public let blocksTotal: Int

    package init(
        step: StepRecord, requestsDone: Int, requestsTotal: Int, failed: Int, expectedTokens: Int?, blocksTotal: Int
    ) {
        self.step = step
        self.requestsDone = requestsDone
        self.requestsTotal = requestsTotal
        self.failed = failed
        self.expectedTokens = expectedTokens
        self.blocksTotal = blocksTotal
    }
}

/// The result of a run.
public struct BatchOutcome: Sendable {
    public enum Ending: Sendable, Hashable {
        /// Every request has its line.
        case complete
        /// The run was stopped; this many requests have no line yet.
        case stopped(missing: Int)
    }
    public let ending: Ending
    public let modelName: String
    /// All requests of the input.
    public let requestsTotal: Int
    /// Requests that were done before this run.
    public let requestsFound: Int
    /// Requests that ended in this run.
    public let requestsEnded: Int
    /// Requests that failed, before or in this run.
    public let failed: Int
    public let promptTokens: Int
    public let outputTokens: Int
    /// Seconds from the start of the engine to the end of the last request, plus `predictionSeconds`.
    public let wallSeconds: Double
    /// Seconds that a learned predictor took before the engine started; 0 without a predictor.
    public let predictionSeconds: Double
    public let weightBytes: Int
    public let kvPoolBytes: Int
    public let kvType: KVType
    /// The shape in which the run was done, or would have been if anything had been left to do.
    public let shape: EngineShape
    /// How the shape was chosen; nil if it was given, or if nothing was left to do.
    public let shapeChoice: ShapeChoice?
    public let layerCounts: [Int]
    public let kernels: String
    /// The report of the driver; nil if nothing was left to do.
    package let report: DriverReport?
    public let recording: RunRecording?
    public let blocksTotal: Int
    /// The machine's speed compared with the profile; nil without a profile, or if nothing was left to do.
    public let profile: ProfileComparison?
}

/// The main job: a file of requests in, a file of answers out.
public final class BatchRun: Sendable {
    private let options: BatchRunOptions
    private let model: TextModel
    private let input: InputFile
    private let journal: ResultJournal
    /// nil if every request was done before.
    private let engine: Engine?
    /// The settings of the engine's core, for the event log.
    private let setup: EventLogSetup?
    /// nil if the shape was given, or if every request was done before.
    private let shapeChoice: ShapeChoice?
    /// The profile with which the run's times are compared.
    private let profile: MeasuredStepCost?
    private let forecaster: LengthForecaster?
    private let history: AnswerHistory?

    /// Opens model, input and output, checks that they belong together, and loads the stages. If this throws, no output
    /// has been made or emptied.
    /// - Parameter onNotice: called with a line that the user should know about the step costs or the chosen shape.
    public init(_ options: BatchRunOptions, onNotice: (String) -> Void = { _ in }) throws {
        self.options = options
        if options.shapeSearch != nil, let path = options.costs.profile {
            throw BatchError(
                .badOption, "\(path) holds the step costs of one pipeline, and several are to be compared")
        }
        let model = try TextModel(path: options.modelPath)
        self.model = model
        input = try InputFile(path: options.inputPath, options: options.tokenOptions)
        let profile = try options.costs.named(for: model, options.engine)
        let threads = options.shapeSearch?.cores ?? options.engine.stages * options.engine.threads
        forecaster = try options.predictor.map { try LengthForecaster($0, model: model, threads: threads) }
        history = try options.historyPath.map { path in
            let lengths = options.policy.lengths ?? options.defaultLengths
            return try AnswerHistory(
                path: path, model: model,
                predictor: PolicyChoice.predictor(named: lengths, respectsLimit: true))
        }
        let input = input
        func load(without isDone: (Int) -> Bool) throws -> Loaded {
            try Self.load(options, model, input, without: isDone, profile: profile, onNotice: onNotice)
        }
        // Load first if the output is new, so that a failed load leaves no output. An old output may show that there is
        // nothing to do, and so nothing to load.
        let isNew = options.overwrites || !FileIdentity.exists(options.outputPath)
        let early = isNew ? try load { _ in false } : nil
        do {
            journal = try ResultJournal(
                path: options.outputPath, input: input, model: model.fingerprint, overwrite: options.overwrites)
        } catch {
            early?.engine.shutDown()
            throw error
        }
        let isDone = journal.foundSucceeded + journal.foundFailed == input.count
        let journal = journal
        let loaded = isDone ? nil : try early ?? load { journal.isDone(at: $0) }
        (engine, setup, self.profile) = (loaded?.engine, loaded?.setup, loaded?.profile)
        shapeChoice = loaded?.shape
        if isDone { early?.engine.shutDown() }
    }

    private typealias Loaded = (
        engine: Engine, setup: EventLogSetup, profile: MeasuredStepCost?, shape: ShapeChoice?
    )

    private static func load(
        _ options: BatchRunOptions, _ model: TextModel, _ input: InputFile, without isDone: (Int) -> Bool,
        profile: StepProfile?, onNotice: (String) -> Void
    ) throws -> Loaded {
        var deployment = try Deployment(model, options: options.engine)
        let found = try chooseShape(options, deployment, input, without: isDone, onNotice: onNotice)
        if let found { deployment = found.deployment }
        let costs =
            try found?.costs
            ?? options.costs.costs(
                for: deployment, named: profile, isNeeded: options.policy.isForecasting, onNotice: onNotice)
        let measured = costs as? MeasuredStepCost
        let setup = EventLogSetup(
            configuration: deployment.plan.configuration, policy: options.policy.name, tdPipe: options.policy.tdPipe,
            lengths: options.policy.lengths ?? options.defaultLengths, respectsLimit: true,
            samples: measured?.samples ?? [])
        let policy = try options.policy.policy(
            costs: costs, lengths: options.defaultLengths, respectsLimit: true)
        let engine = try Engine(deployment, policy: policy, recordsSpans: options.recordsTimeline)
        return (engine, setup, measured, found?.choice)
    }

    /// Chooses stages and threads for the requests that are left; nil if they are given.
    private static func chooseShape(
        _ options: BatchRunOptions, _ deployment: Deployment, _ input: InputFile, without isDone: (Int) -> Bool,
        onNotice: (String) -> Void
    ) throws -> ShapeSearch.Result? {
        guard let search = options.shapeSearch else { return nil }
        let lengths = try PolicyChoice.predictor(
            named: options.policy.lengths ?? options.defaultLengths, respectsLimit: true)
        return try search.choose(
            for: deployment,
            work: {
                try ShapeWork(
                    of: input, without: isDone,
                    builder: RequestBuilder(model: deployment.model, ignoresEOS: options.ignoresEOS),
                    contextLength: deployment.plan.configuration.contextLength, lengths: lengths)
            },
            policy: {
                try options.policy.policy(costs: $0, lengths: options.defaultLengths, respectsLimit: true)
            }, lengths: lengths, onNotice: onNotice)
    }

    public var requestsTotal: Int { input.count }
    /// Requests that are in the output already.
    public var requestsFound: Int { journal.foundSucceeded + journal.foundFailed }
    /// Bytes of a torn last line that were cut from the output.
    public var tornBytes: Int { journal.tornBytes }

    /// Runs the requests that are left to do.
    /// - Parameters:
    ///   - stopper: called with a function that ends the run soon and may be called from any thread.
    ///   - onProgress: called when a micro-batch has retired.
    public func run(
        stopper: (@escaping @Sendable () -> Void) -> Void, now: @escaping @Sendable () -> Int64,
        onProgress: @escaping (BatchProgress) -> Void
    ) throws -> BatchOutcome {
        guard let engine else {
            try journal.close()
            return outcome(nil, job: nil, predictionSeconds: 0, recording: nil)
        }
        stopper { [driver = engine.driver] in driver.stop() }
        var steps: [StepRecord] = []
        let records = options.recordsTimeline
        let blocks = engine.deployment.blocksTotal
        let clock = ContinuousClock()
        let begin = clock.now
        let forecasts = try forecaster.map { try PromptForecasts(of: input, without: journal, $0, model: model) }
        let predictionSeconds = forecasts == nil ? 0 : (clock.now - begin).seconds
        let job = BatchJob(
            BatchJob.Parts(
                model: model, input: input, journal: journal, includesTokenIDs: options.includesTokenIDs,
                forecasts: forecasts, history: history, now: now, abort: engine.driver.abort))
        // Finished answers are kept, also when the run fails.
        defer {
            try? journal.close()
            try? history?.flush()
        }
        let (found, total, failed) = (requestsFound, input.count, journal.foundFailed)
        let report = try drive(engine, job) { step in
            if records { steps.append(step) }
            let totals = job.totals
            onProgress(
                BatchProgress(
                    step: step, requestsDone: found + totals.requests, requestsTotal: total,
                    failed: failed + totals.failed, expectedTokens: totals.isExhausted ? totals.expectedTokens : nil,
                    blocksTotal: blocks))
        }
        try journal.close()
        try history?.flush()
        var recording = engine.deployment.recording(policy: options.policy.label)
        recording.steps = steps
        recording.spans = report.spans
        recording.end = report.end
        let outcome = outcome(
            report, job: job, predictionSeconds: predictionSeconds, recording: records ? recording : nil)
        if case .stopped(let missing) = outcome.ending, !engine.driver.wasStopped {
            throw BatchError(.requestsMissing, "\(missing) requests were lost: a bug in Tideway")
        }
        return outcome
    }

    /// Runs the controller on this thread, and the producer on a thread of its own.
    private func drive(
        _ engine: Engine, _ job: BatchJob, onStep: (StepRecord) -> Void
    ) throws -> DriverReport {
        let inference = try InferenceEngine(engine, ignoresEOS: options.ignoresEOS)
        let log = try eventLog()
        // The events before a failure show how it came about.
        defer { try? log?.flush() }
        let producer = try JoinableThread { [driver = engine.driver] in
            job.produce(for: inference, window: EngineDriver.lookahead)
            driver.finish()
        }
        // The driver takes no more requests in once the run has ended, so the producer ends as well.
        defer { producer.join() }
        let recorder: EngineDriver.EventRecorder? = log.map { log in
            { event, now, actions in try log.append(EventLogWriter.line(event, at: now, actions: actions).utf8) }
        }
        let report = try inference.run(profile: profile, recorder: recorder, onStep: onStep)
        if let failure = job.totals.failure { throw failure }
        return report
    }

    /// Begins the event log; nil if none is wanted.
    private func eventLog() throws -> AppendedFile? {
        guard let path = options.eventLogPath, let setup else { return nil }
        let log = try AppendedFile(path: path, from: 0)
        try log.append(EventLogWriter.header(setup).utf8)
        return log
    }

    private func outcome(
        _ report: DriverReport?, job: BatchJob?, predictionSeconds: Double, recording: RunRecording?
    ) -> BatchOutcome {
        let totals = job?.totals ?? BatchJob.Totals()
        let missing = requestsTotal - requestsFound - totals.requests
        let deployment = engine?.deployment
        let blocks = deployment?.blocksTotal ?? 0
        let shape = deployment?.options ?? options.engine
        return BatchOutcome(
            ending: missing == 0 ? .complete : .stopped(missing: missing), modelName: model.name,
            requestsTotal: requestsTotal, requestsFound: requestsFound, requestsEnded: totals.requests,
            failed: journal.foundFailed + totals.failed, promptTokens: totals.promptTokens,
            outputTokens: totals.outputTokens, wallSeconds: predictionSeconds + (report?.end.seconds ?? 0),
            predictionSeconds: predictionSeconds,
            weightBytes: deployment?.device.weightBytes ?? 0,
            kvPoolBytes: blocks * (deployment?.device.bytesPerKVBlock ?? 0), kvType: options.engine.kvType,
            shape: EngineShape(stages: shape.stages, threads: shape.threads), shapeChoice: shapeChoice,
            layerCounts: deployment?.layerCounts ?? [], kernels: deployment?.device.kernelName ?? "",
            report: report, recording: recording, blocksTotal: blocks,
            profile: report.flatMap { ProfileComparison(profile, $0) })
    }
}
