import ArgumentParser
import Benchmarks
import Inference
import Reporting
import Scheduling

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Compare scheduling policies; time the scheduler, the way of text and the kernels.",
        subcommands: [
            OfflineCommand.self, ControllerCommand.self, BenchTextCommand.self, BenchKernelsCommand.self,
        ])
}

struct OfflineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "offline",
        abstract: "Run a workload under several policies and compare them.",
        discussion: """
            A workload has one object a line, {"id", "prompt", "prompt_tokens", "output_tokens"}, and perhaps a \
            "forecast" for --lengths learned, as tideway predictor evaluate --workload writes it. Each request runs \
            greedily to exactly output_tokens; the prompt is plain text, without a chat template. The policies run in \
            turns within one process, and their tokens must be equal.

            A policy may carry options of its own after plus signs, so that ablations stand side by side: \
            --policies separate,td-pipe,td-pipe+stealing=off+switch=fixed:0.4,td-pipe+lengths=history

            Exit status: 0 done; 1 the benchmark could not be done, or tokens differed; 2 wrong usage.
            """)

    @Option(help: ArgumentHelp("The model, a GGUF file.", valueName: "file")) var model: String
    @Option(help: ArgumentHelp("The requests, one JSON object a line.", valueName: "file")) var workload: String
    @Option(
        help: ArgumentHelp(
            "Policies to compare, with commas between them: \(PolicyCatalogue.names.joined(separator: ", ")).",
            valueName: "names"))
    var policies = PolicyCatalogue.compared.joined(separator: ",")
    @Option(help: ArgumentHelp("Pipeline stages.", valueName: "n")) var stages = 1
    @OptionGroup var pipeline: PipelineOptions
    @Option(
        help: ArgumentHelp(
            "Memory for keys and values, over all stages: a size, or a share of the workload's tokens such as 25%. "
                + "(default: 1GiB)", valueName: "size"),
        transform: PoolSize.init(parsing:))
    var kvMemory = PoolSize.bytes(1 << 30)
    @Option(
        help: ArgumentHelp(
            "How td-pipe and auto predict answer lengths: \(LengthPredictorCatalogue.usage).",
            valueName: "predictor"))
    var lengths = "oracle"
    @OptionGroup var planning: PlanningOptions
    @Option(name: .customLong("repeat"), help: ArgumentHelp("How often each policy runs.", valueName: "n"))
    var repeats = 1
    @Option(help: ArgumentHelp("How many requests to take from the workload (default: all).", valueName: "n"))
    var requests: Int?
    @OptionGroup var reports: ReportOptions
    @Option(
        help: ArgumentHelp(
            "Write a timeline of each policy's first run: one HTML page each, named after the policy where there are "
                + "several.", valueName: "file"))
    var timeline: String?
    @Flag(help: "Show no progress and no table.") var quiet = false

    mutating func validate() throws {
        try pipeline.check(stages: stages)
        try Usage.check("repeat", repeats, in: 1...1_000_000)
        try Usage.check("requests", requests ?? 1, in: 1...1_000_000)
        try planning.check(lengths: [], policies: choices)
    }

    private var choices: [PolicyChoice] {
        get throws { try PolicyChoice.list(parsing: policies, options: planning.tdPipe, lengths: lengths) }
    }

    mutating func run() throws {
        let choices = try choices
        let timelines = TimelineFiles(timeline, labels: choices.map(\.label))
        try files(timelines).check()
        let isQuiet = quiet
        let bench = try OfflineBench(options(choices)) { if !isQuiet { Console.error($0) } }
        var results = BenchResults(repeats: repeats, isQuiet: quiet)
        try results.run(bench)
        let report = results.report(of: bench)
        try reports.write(
            json: BenchmarkJSON(report: report).text,
            page: BenchmarkPage(report: report, recordings: results.recordings).html)
        for recording in results.recordings { try timelines.write(recording, of: report) }
        if !quiet {
            Console.out(BenchmarkTable(runs: report.runs).rendered() + "tokens equal in all \(report.runs.count) runs")
        }
    }

    private func files(_ timelines: TimelineFiles) -> ReportFiles {
        ReportFiles(
            reports: reports.files + [("history", planning.history)] + timelines.paths.map { ("timeline", $0) },
            others: [("model", model), ("workload", workload)] + planning.inputs)
    }

    private func options(_ choices: [PolicyChoice]) -> OfflineBenchOptions {
        var options = OfflineBenchOptions(modelPath: model, workloadPath: workload, policies: choices)
        options.engine = pipeline.engine(stages: stages)
        switch kvMemory {
        case .bytes(let bytes): options.engine.kvMemory = bytes
        case .share(let share): options.poolShare = share
        }
        options.lengths = lengths
        options.predictor = planning.source
        options.historyPath = planning.history
        options.repeats = repeats
        options.requests = requests
        options.costs.profile = planning.profile
        return options
    }
}

struct ControllerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "controller",
        abstract: "Time the scheduler itself, without a model.",
        discussion: """
            A step is: take the results of a micro-batch, count its tokens, plan and dispatch the next one. Requests \
            that end are replaced, on \(ControllerBench.standardStages) stages that compute nothing.
            """)

    @Option(help: ArgumentHelp("Write all figures as JSON.", valueName: "file")) var json: String?
    @Option(help: ArgumentHelp("Steps to time with each number of live requests.", valueName: "n")) var steps = 2000

    mutating func validate() throws { try Usage.check("steps", steps, in: 1...10_000_000) }

    mutating func run() throws {
        try ReportFiles(reports: [("json", json)], others: []).check()
        var costs: [ControllerCost] = []
        for name in PolicyCatalogue.compared {
            let policy = try PolicyChoice(name: name)
            for live in [100, 500, 2000, 8000] {
                costs.append(try ControllerBench().measure(policy, liveRequests: live, steps: steps))
            }
        }
        let table = ControllerTable(costs)
        if let json { try writeFile(json, table.json.indented + "\n") }
        Console.out(table.text)
    }
}
