import ArgumentParser
import Benchmarks
import Reporting
import Studies

/// Real runs, simulated with the step costs of their machine.
struct SimulateReplay {
    private let command: SimulateCommand
    private let bench: ReplayBench
    private let options: ReplayOptions

    /// - Throws: an error of usage for flags that are missing, or values that are not possible.
    static func options(of command: SimulateCommand) throws -> ReplayOptions {
        guard let model = command.model, let workload = command.workload, let like = command.like else {
            throw ValidationError(
                "--like needs the --model of the runs, a GGUF file, and their --workload, a file with the lengths")
        }
        var options = ReplayOptions(modelPath: model, workloadPath: workload, runPath: like)
        options.profile = command.profile
        options.lengths = command.predictor ?? options.lengths
        options.handOverSeconds = (command.handOverUs ?? 0) * 1e-6
        for (name, value, path) in [
            ("prefill-chunk", command.prefillChunk, \ReplayOptions.prefillChunk),
            ("max-sequences", command.maxSequences, \ReplayOptions.maxSequences),
        ] {
            guard let value else { continue }
            guard let number = Int(value), (1...1_000_000).contains(number) else {
                throw ValidationError("--\(name) is '\(value)'; a whole number in 1...1000000 is needed")
            }
            options[keyPath: path] = number
        }
        if let value = command.controllerUs {
            guard let number = Double(value), (0...1e9).contains(number) else {
                throw ValidationError("--controller-us is '\(value)'; a number in 0...1000000000 is needed")
            }
            options.controllerSeconds = number * 1e-6
        }
        return options
    }

    init(_ command: SimulateCommand) throws {
        self.command = command
        options = try Self.options(of: command)
        try command.checkFiles()
        bench = try ReplayBench(options)
    }

    func run() throws {
        let rows = try bench.runs.map { run in
            let scaled = try bench.replayAtOwnSpeed(run) { if !command.quiet { Console.error($0) } }
            return ReplayReport.Row(
                label: run.label, repetition: run.repetition, realSeconds: run.wallSeconds,
                realBubble: run.bubbleRatio, simulated: figures(try bench.replay(run), of: run),
                scaled: scaled.map { .init(ratio: $0.ratio, simulated: figures($0, of: run)) })
        }
        let report = ReplayReport(
            commandLine: BenchResults.commandLine,
            setting: [
                .init(label: "model", value: bench.model.name), .init(label: "runs", value: options.runPath),
                .init(label: "workload", value: options.workloadPath),
            ], rows: rows)
        try command.reports.write(json: report.json.indented + "\n", page: report.html)
        if !command.quiet { Console.out(report.table()) }
    }

    private func figures(_ replay: RunReplay, of run: RunFile.Run) -> RunSummary {
        var figures = SimulateRows.summary(
            replay.outcome, policy: run.policy, devices: run.threads, requests: run.requests)
        figures.model = bench.model.name
        return figures
    }
}
