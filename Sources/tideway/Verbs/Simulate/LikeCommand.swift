import ArgumentParser
import Benchmarks
import Reporting
import Studies

struct LikeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "like",
        abstract: "Simulate real runs with the step costs of their machine, and compare.",
        discussion: """
            Simulates real runs, as run --stats or bench offline --json left them, with the step costs that tideway \
            profile measured, and tells how far off the simulation is. Runs that tell how their times compare with that \
            profile are simulated a second time, scaled by their ratio: the error that is left is the simulator's, not \
            the machine's.
            """)

    @Argument(help: ArgumentHelp("The runs.", valueName: "file")) var runs: String
    @Option(help: ArgumentHelp("The model of the runs, a GGUF file.", valueName: "file")) var model: String
    @Option(help: ArgumentHelp("The lengths of the runs' requests: CSV or JSON lines.", valueName: "file"))
    var workload: String
    @Option(
        help: ArgumentHelp(
            "Step costs, as tideway profile wrote them (default: those stored for this model and pipeline).",
            valueName: "file"))
    var profile: String?
    @Option(help: ArgumentHelp("The length predictor of runs that name none.", valueName: "predictor"))
    var predictor = "oracle"
    @Option(help: ArgumentHelp("Prompt tokens in a micro-batch, as the runs had.", valueName: "n"))
    var prefillChunk = 512
    @Option(help: ArgumentHelp("Sequences that hold KV blocks at a time, as the runs had.", valueName: "n"))
    var maxSequences = 256
    @Option(help: ArgumentHelp("Microseconds from one thread to the next.", valueName: "us")) var handOverUs = 0.0
    @Option(help: ArgumentHelp("Microseconds that the controller takes for each micro-batch.", valueName: "us"))
    var controllerUs = 0.0
    @OptionGroup var reports: ReportOptions
    @Flag(help: "Show no progress and no table.") var quiet = false

    mutating func validate() throws {
        try Usage.check("prefill-chunk", prefillChunk, in: 1...1_000_000)
        try Usage.check("max-sequences", maxSequences, in: 1...1_000_000)
        try Usage.check("hand-over-us", handOverUs, in: 0...1e9)
        try Usage.check("controller-us", controllerUs, in: 0...1e9)
    }

    private var options: ReplayOptions {
        var options = ReplayOptions(modelPath: model, workloadPath: workload, runPath: runs)
        options.profile = profile
        options.lengths = predictor
        options.prefillChunk = prefillChunk
        options.maxSequences = maxSequences
        options.handOverSeconds = handOverUs * 1e-6
        options.controllerSeconds = controllerUs * 1e-6
        return options
    }

    mutating func run() throws {
        try ReportFiles(reports: reports.files, others: [("<file>", runs), ("profile", profile)]).check()
        let bench = try ReplayBench(options)
        let rows = try bench.runs.map { run in
            let scaled = try bench.replayAtOwnSpeed(run) { if !quiet { Console.error($0) } }
            return ReplayReport.Row(
                label: run.label, repetition: run.repetition, realSeconds: run.wallSeconds,
                realBubble: run.bubbleRatio,
                simulated: figures(try bench.replay(run), of: run, model: bench.model.name),
                scaled: scaled.map { .init(ratio: $0.ratio, simulated: figures($0, of: run, model: bench.model.name)) })
        }
        let report = ReplayReport(
            commandLine: BenchResults.commandLine,
            setting: [
                .init(label: "model", value: bench.model.name), .init(label: "runs", value: runs),
                .init(label: "workload", value: workload),
            ], rows: rows)
        try reports.write(json: report.json.indented + "\n", page: report.html)
        if !quiet { Console.out(report.table()) }
    }

    private func figures(_ replay: RunReplay, of run: RunFile.Run, model: String) -> RunSummary {
        var figures = SimulateRows.summary(
            replay.outcome, policy: run.policy, devices: run.threads, requests: run.requests)
        figures.model = model
        return figures
    }
}
