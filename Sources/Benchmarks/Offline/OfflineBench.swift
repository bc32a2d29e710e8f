import BatchInference
import CPUDevice
import Inference
import Platform
import Runtime
import Scheduling

/// The policies that a benchmark compares, and its model, workload and engine.
package struct OfflineBenchOptions: Sendable {
    package var modelPath: String
    package var workloadPath: String
    package var policies: [PolicyChoice]
    package var engine = EngineOptions()
    /// The KV pool as a share of the workload's tokens, in place of `engine.kvMemory`.
    package var poolShare: Double?
    /// The predictor of answer lengths for policies that name none.
    package var lengths = "oracle"
    package var repeats = 1
    /// The number of requests to take from the beginning of the workload; nil takes all.
    package var requests: Int?
    package var costs = CostSource()
    /// A trained predictor of answer lengths, for policies that ask `learned`; nil: the workload's own forecasts.
    package var predictor: PredictorSource?
    /// A file that records the lengths of the answers, for training; nil: none.
    package var historyPath: String?

    package init(modelPath: String, workloadPath: String, policies: [PolicyChoice]) {
        self.modelPath = modelPath
        self.workloadPath = workloadPath
        self.policies = policies
    }
}

/// One run of one policy.
package struct OfflineRun: Sendable {
    package let policy: PolicyChoice
    /// Counted from 1.
    package let repetition: Int
    /// The predictor of answer lengths; nil for a policy that predicts none.
    package let lengths: String?
    package let report: DriverReport
    /// Seconds from the beginning of the run to each request's first token.
    package let timesToFirstToken: [Double]
    /// Mean seconds from one token to the next, for each request of two tokens or more.
    package let timesPerOutputToken: [Double]
    /// The times between two tokens of a request that follow each other, of all requests.
    package let tokenGaps: DurationHistogram
    /// The most bytes that were resident during the run, including memory left from earlier runs; 0 if the system does
    /// not report it.
    package let peakRSSBytes: Int
    package let recording: RunRecording
    /// Seconds that a learned predictor took for the forecasts before the run; 0 if none was asked.
    package let predictionSeconds: Double
    /// The machine's speed during the run compared with the profile; nil without a profile.
    package let profile: ProfileComparison?
}

/// Runs a workload under several policies in one process, in turns, and checks that their tokens are equal.
package final class OfflineBench: Sendable {
    package let deployment: Deployment
    package let workload: Workload
    private let options: OfflineBenchOptions
    /// Measured if any of the policies plans with costs, or if there was a profile.
    private let costs: any StepCost
    /// Seconds that the learned predictor took for the workload.
    private let predictionSeconds: Double

    /// Reads model, workload and profile; does not pack the weights of any stage yet.
    /// - Parameter onNotice: called with a line that the user should know about the step costs.
    package init(_ options: OfflineBenchOptions, onNotice: (String) -> Void = { _ in }) throws {
        self.options = options
        let model = try TextModel(path: options.modelPath)
        var workload = try Workload(path: options.workloadPath, model: model, limit: options.requests)
        predictionSeconds = try Self.predict(&workload, model, options)
        self.workload = workload
        let profile = try options.costs.named(for: model, options.engine)
        var engine = options.engine
        if let share = options.poolShare { engine.kvMemory = try Self.pool(share, of: workload, model, engine.kvType) }
        deployment = try Deployment(model, options: engine)
        costs = try options.costs.costs(
            for: deployment, named: profile, isNeeded: options.policies.contains(where: \.isForecasting),
            onNotice: onNotice)
    }

    /// Makes the forecasts for policies that ask for them. Returns the seconds that it took.
    private static func predict(
        _ workload: inout Workload, _ model: TextModel, _ options: OfflineBenchOptions
    ) throws -> Double {
        guard options.policies.contains(where: { $0.asksLearned(fallback: options.lengths) }) else { return 0 }
        guard let source = options.predictor else {
            if workload.requests.allSatisfy({ $0.forecast != nil }) { return 0 }
            throw BenchmarkError(
                .badOption,
                "lengths 'learned' were asked for without a predictor, and not every line of \(options.workloadPath) "
                    + "has a forecast")
        }
        let threads = options.engine.stages * options.engine.threads
        let forecaster = try LengthForecaster(source, model: model, threads: threads)
        let clock = ContinuousClock()
        let begin = clock.now
        try workload.predict(with: forecaster)
        return (clock.now - begin).seconds
    }

    /// Records the lengths of the workload's answers, which are known beforehand.
    private func keepHistory() throws {
        guard let path = options.historyPath else { return }
        let predictor = try PolicyChoice.predictor(named: options.lengths, respectsLimit: false)
        let history = try AnswerHistory(path: path, model: deployment.model, predictor: predictor)
        for (index, request) in workload.requests.enumerated() {
            let spec = RequestSpec(
                id: RequestID(index), prompt: request.prompt, maxNewTokens: request.outputTokens,
                forecast: request.forecast)
            // The length is the workload's, not a limit that cut the answer.
            try history.append(
                prompt: request.text.digest, promptTokens: request.prompt.count, predicted: history.expected(spec),
                produced: request.outputTokens, limit: nil, end: .stop)
        }
        try history.flush()
    }

    /// Bytes of the KV blocks that hold this share of the workload's tokens.
    private static func pool(
        _ share: Double, of workload: Workload, _ model: TextModel, _ type: KVType
    ) throws -> Int {
        let perToken = CPUDevice.kvBytesPerToken(try model.plan(), type)
        let tokens = share * Double(workload.promptTokens + workload.outputTokens)
        // Rounded up to whole blocks of 16 tokens.
        return Int((tokens / 16).rounded(.up)) * 16 * perToken
    }

    /// The policies in turns: repeat 1 of all, repeat 2 of all, each repeat beginning with another policy, so that any
    /// drift of the machine affects all policies alike.
    var order: [(policy: PolicyChoice, repetition: Int)] {
        let policies = options.policies
        return (0..<options.repeats).flatMap { turn in
            policies.indices.map { (policies[($0 + turn) % policies.count], turn + 1) }
        }
    }

    /// Runs all policies and repeats, each on a fresh pipeline and with a fresh policy.
    /// - Parameters:
    ///   - onProgress: called when a micro-batch has retired.
    ///   - onRun: called with each run at its end.
    /// - Throws: `BenchmarkError` with code `tokensDiffer`, naming the request, if a run's tokens are not those of the
    ///   first one.
    package func run(onProgress: (BatchProgress) -> Void, onRun: (OfflineRun) throws -> Void) throws {
        var comparison = TokenComparison(ids: workload.requests.map(\.id))
        for (policy, repetition) in order {
            let (run, tokens) = try self.run(policy, repetition: repetition, onProgress: onProgress)
            try comparison.take(tokens, of: "\(policy.label) in repeat \(repetition)")
            try onRun(run)
        }
        try keepHistory()
    }

    private func run(
        _ policy: PolicyChoice, repetition: Int, onProgress: (BatchProgress) -> Void
    ) throws -> (OfflineRun, [[TokenID]]) {
        // The limit of each answer is its true length, which only the oracle may know.
        let plan = try policy.policy(costs: costs, lengths: options.lengths, respectsLimit: false)
        PeakMemory.begin()
        let engine = try Engine(deployment, policy: plan, recordsSpans: true)
        let (total, blocks) = (workload.requests.count, deployment.blocksTotal)
        let expected = workload.promptTokens + workload.outputTokens
        return try withoutActuallyEscaping(onProgress) { onProgress in
            let client = WorkloadClient(workload, driver: engine.driver, clock: engine.clock) { step, done in
                onProgress(
                    BatchProgress(
                        step: step, requestsDone: done, requestsTotal: total, failed: 0, expectedTokens: expected,
                        blocksTotal: blocks))
            }
            let profile = costs as? MeasuredStepCost
            client.submit()
            let report = try engine.driver.run(engine.core, profile: profile, onStep: client.reported)
            if let failure = client.failure { throw failure }
            var recording = deployment.recording(policy: policy.label)
            recording.steps = client.steps
            recording.spans = report.spans
            recording.end = report.end
            let run = OfflineRun(
                policy: policy, repetition: repetition,
                lengths: policy.isForecasting ? policy.lengths ?? options.lengths : nil, report: report,
                timesToFirstToken: client.timesToFirstToken, timesPerOutputToken: client.timesPerOutputToken,
                tokenGaps: client.tokenGaps,
                peakRSSBytes: PeakMemory.residentBytes, recording: recording,
                predictionSeconds: policy.asksLearned(fallback: options.lengths) ? predictionSeconds : 0,
                profile: ProfileComparison(profile, report))
            return (run, client.answers.map(\.tokens))
        }
    }
}
