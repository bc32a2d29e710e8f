import Benchmarks
import Platform
import Reporting
import Scheduling

/// Collects the runs of a benchmark as they come in, and reports progress.
struct BenchResults {
    private let repeats: Int
    private let isQuiet: Bool
    private var runs: [BenchmarkRun] = []
    /// The recording of each policy's first run.
    private(set) var recordings: [BenchmarkPage.Recording] = []

    init(repeats: Int, isQuiet: Bool) {
        self.repeats = repeats
        self.isQuiet = isQuiet
    }

    mutating func run(_ bench: OfflineBench) throws {
        var progress = ProgressDisplay(isOn: !isQuiet)
        do {
            defer { progress.finish() }
            try bench.run(
                onProgress: { progress.show($0) },
                onRun: { run in
                    progress.finish()
                    progress = ProgressDisplay(isOn: !isQuiet)
                    take(run, of: bench)
                })
        }
    }

    private mutating func take(_ run: OfflineRun, of bench: OfflineBench) {
        let label = run.policy.label
        let result = BenchmarkRun(
            label: label, repetition: run.repetition, figures: figures(run, of: bench), lengths: run.lengths,
            options: run.policy.isForecasting ? run.policy.tdPipe.description : "",
            statistics: RunStatistics(recording: run.recording),
            timeToFirstToken: LatencyPercentiles(ofSeconds: run.timesToFirstToken),
            timePerOutputToken: LatencyPercentiles(ofSeconds: run.timesPerOutputToken),
            tokenGaps: TokenGaps(run.tokenGaps))
        runs.append(result)
        if run.repetition == 1 { recordings.append(.init(label: label, recording: run.recording)) }
        guard !isQuiet else { return }
        let rate = Quantities.rate(result.figures.totalTokensPerSecond, unit: "tok")
        let bubble = Quantities.percent(result.figures.bubbleRatio, digits: 1)
        Console.error("repeat \(run.repetition) of \(repeats), \(label): \(rate), bubble \(bubble)")
    }

    private func figures(_ run: OfflineRun, of bench: OfflineBench) -> RunSummary {
        let (report, deployment) = (run.report, bench.deployment)
        var figures = RunSummary(
            policy: run.policy.name, stages: deployment.options.stages, threads: deployment.options.threads,
            requests: bench.workload.requests.count, promptTokens: bench.workload.promptTokens,
            outputTokens: bench.workload.outputTokens, wallSeconds: run.predictionSeconds + report.end.seconds,
            bubbleRatio: report.bubbleRatio, stageBusySeconds: report.stageBusySeconds,
            phaseSwitches: report.phaseSwitches, preemptions: report.counters.preemptions,
            recomputedTokens: report.counters.recomputedTokens, kvBlocksTotal: deployment.blocksTotal,
            kvBlocksPeak: report.counters.blocksPeak, peakRSSBytes: run.peakRSSBytes)
        figures.model = deployment.model.name
        figures.weightsBytes = deployment.device.weightBytes
        figures.kvPoolBytes = deployment.blocksTotal * deployment.device.bytesPerKVBlock
        figures.kvType = deployment.options.kvType.named
        figures.profile = run.profile.map { RunSummary.Profile(digest: $0.digest, ratio: $0.ratio) }
        figures.trials = report.trials
        figures.extras = [.init("stage_layers", .array(deployment.layerCounts.map { .integer($0) }))]
        if run.predictionSeconds > 0 {
            figures.extras.append(.init("prediction_seconds", .number(run.predictionSeconds)))
        }
        return figures
    }

    func report(of bench: OfflineBench) -> BenchmarkReport {
        let machine = MachineDescription(
            processor: Machine.processor, cores: Processors.available.count, memoryBytes: Machine.memoryBytes,
            kernels: bench.deployment.device.kernelName, system: Machine.system)
        let workload = bench.workload
        return BenchmarkReport(
            commandLine: Self.commandLine, machine: machine,
            model: bench.deployment.model.name, workload: "\(workload.name), \(workload.requests.count) requests",
            runs: runs)
    }

    /// The program's own command line, as it would be typed.
    static var commandLine: String { CommandLine.arguments.map(quoted).joined(separator: " ") }

    /// An argument as it would be typed.
    private static func quoted(_ argument: String) -> String {
        let plain = argument.allSatisfy { $0.isLetter || $0.isNumber || "-_./=:,+%@".contains($0) }
        return plain && !argument.isEmpty ? argument : "'" + argument.replacing("'", with: "'\\''") + "'"
    }
}
