import Inference
import Scheduling
import Simulation
import Studies

/// What a replay needs in addition to the runs.
package struct ReplayOptions: Sendable {
    package var modelPath: String
    /// A file of the requests' lengths, in the order of the runs.
    package var workloadPath: String
    package var runPath: String
    /// A file of step costs, as written by `tideway profile`; nil: the stored profile for model, stages and threads.
    package var profile: String?
    package var prefillChunk = 512
    package var maxSequences = 256
    /// The length predictor for runs that name none.
    package var lengths = "oracle"
    package var handOverSeconds = 0.0
    package var controllerSeconds = 0.0

    package init(modelPath: String, workloadPath: String, runPath: String) {
        self.modelPath = modelPath
        self.workloadPath = workloadPath
        self.runPath = runPath
    }
}

/// Simulates real runs with the step costs of their machine.
package struct ReplayBench: Sendable {
    package let model: TextModel
    package let runs: [RunFile.Run]
    private let options: ReplayOptions
    private let lengths: [RequestLengths]
    private let contextLength: Int

    /// Reads all files except the profiles.
    /// - Throws: an error that names the file and what is wrong with it.
    package init(_ options: ReplayOptions) throws {
        self.options = options
        runs = try RunFile(path: options.runPath).runs
        lengths = try WorkloadFile(path: options.workloadPath).lengths
        model = try TextModel(path: options.modelPath)
        contextLength = try model.plan().contextLength
        for run in runs { _ = try requests(of: run) }
    }

    /// Simulates one of `runs` with the unchanged profile.
    /// - Throws: `BenchmarkError` for a profile that does not belong to the run, `SimulationError`.
    package func replay(_ run: RunFile.Run) throws -> RunReplay {
        try replay(run, try profile(of: run), ratio: 1)
    }

    /// Simulates one of `runs` at the speed of the machine during the run: the stages take the profile's times,
    /// multiplied by the run's ratio.
    /// - Parameter onNotice: called with a line if the run's ratio refers to another profile.
    /// - Returns: nil for a run without a ratio, or with a ratio that refers to another profile.
    /// - Throws: the errors of `replay(_:)`.
    package func replayAtOwnSpeed(
        _ run: RunFile.Run, onNotice: (String) -> Void = { _ in }
    ) throws -> RunReplay? {
        guard let compared = run.profile else { return nil }
        let profile = try profile(of: run)
        let digest = try profile.costs().digest
        guard compared.digest == digest else {
            onNotice(
                "\(run.label) in repeat \(run.repetition): its profile_ratio is to the profile \(compared.digest), not to "
                    + "\(digest), which is read here; it is not simulated at its own speed")
            return nil
        }
        return try replay(run, profile, ratio: compared.ratio)
    }

    private func replay(_ run: RunFile.Run, _ profile: StepProfile, ratio: Double) throws -> RunReplay {
        // The limit of each answer is its true length, which only the oracle may know.
        let predictor = try PolicyChoice.predictor(named: run.lengths ?? options.lengths, respectsLimit: false)
        let tdPipe: TDPipeOptions
        do { tdPipe = try TDPipeOptions(parsing: run.options) } catch { throw BenchmarkError(.badOption, "\(error)") }
        let facts = RunReplay.Facts(
            policy: try StudyPolicy(run.policy, label: run.label, options: tdPipe, lengths: predictor),
            stages: run.stages, blocks: run.blocks, prefillChunk: options.prefillChunk,
            maxSequences: options.maxSequences, contextLength: contextLength, wallSeconds: run.wallSeconds,
            bubbleRatio: run.bubbleRatio)
        return try RunReplay(
            facts, requests: try requests(of: run), costs: try profile.costs(),
            layerCounts: profile.layerCounts, ratio: ratio,
            handOverSeconds: options.handOverSeconds, controllerSeconds: options.controllerSeconds)
    }

    private func requests(of run: RunFile.Run) throws(BenchmarkError) -> [SimulatedRequest] {
        let taken = lengths.prefix(run.requests)
        let prompt = taken.reduce(0) { $0 + $1.promptTokens }
        let output = taken.reduce(0) { $0 + $1.outputTokens }
        guard taken.count == run.requests, prompt == run.promptTokens, output == run.outputTokens else {
            throw BenchmarkError(
                .badWorkload,
                "\(options.workloadPath): its first \(taken.count) requests have \(prompt) prompt and \(output) output "
                    + "tokens; run \(run.label) had \(run.requests) requests with \(run.promptTokens) and "
                    + "\(run.outputTokens)")
        }
        return taken.map {
            SimulatedRequest(promptTokens: $0.promptTokens, outputTokens: $0.outputTokens, forecast: $0.forecast)
        }
    }

    private func profile(of run: RunFile.Run) throws -> StepProfile {
        var engine = EngineOptions()
        engine.stages = run.stages
        engine.threads = run.threads
        engine.kvType = run.kvType
        let stored = options.profile.map { ProfileFile(path: $0) } ?? ProfileFile.standard(for: model, engine)
        guard let stored, stored.exists else {
            throw BenchmarkError(
                .badProfile,
                "there is no step profile of \(model.name) with \(run.stages) stages of \(run.threads) threads"
                    + (stored.map { " at \($0.path)" } ?? "") + "; tideway profile makes one")
        }
        let profile = try stored.read()
        engine.precision = profile.precision
        let differences = profile.differences(from: model, engine)
        guard differences.isEmpty else {
            throw BenchmarkError(.badProfile, "\(stored.path) was measured with \(differences.joined(separator: "; "))")
        }
        return profile
    }
}
