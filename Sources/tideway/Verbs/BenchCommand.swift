import ArgumentParser
import BatchInference
import Reporting
import Scheduling
import Transformer

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
    var policies = PolicyCatalogue.names.joined(separator: ",")
    @Option(help: ArgumentHelp("Pipeline stages.", valueName: "n")) var stages = 1
    @Option(help: ArgumentHelp("Threads of each stage (default: the cores shared out evenly).", valueName: "n"))
    var threads: Int?
    @Option(
        help: ArgumentHelp(
            "Memory for keys and values, over all stages: a size, or a share of the workload's tokens such as 25%. "
                + "(default: 1GiB)", valueName: "size"),
        transform: PoolSize.init(parsing:))
    var kvMemory = PoolSize.bytes(1 << 30)
    @Option(
        help: ArgumentHelp(
            "How td-pipe predicts answer lengths: \(LengthPredictorCatalogue.usage).", valueName: "predictor"))
    var lengths = "oracle"
    @OptionGroup var prediction: PredictionOptions
    @Option(
        help: ArgumentHelp(
            "Options of td-pipe, such as greedy=fixed:0.7,stealing=off,switch=fixed:0.4.", valueName: "options"))
    var tdPipe: String?
    @Option(
        help: ArgumentHelp(
            "Step costs for td-pipe, as tideway profile wrote them (default: those stored for this model and pipeline, "
                + "or a short measurement).", valueName: "file"))
    var profile: String?
    @Option(name: .customLong("repeat"), help: ArgumentHelp("How often each policy runs.", valueName: "n"))
    var repeats = 1
    @Option(help: ArgumentHelp("How many requests to take from the workload (default: all).", valueName: "n"))
    var requests: Int?
    @Option(help: ArgumentHelp("Prompt tokens in a micro-batch; token budget of hybrid batches.", valueName: "n"))
    var prefillChunk = 512
    @Option(help: ArgumentHelp("Sequences that hold KV blocks at a time.", valueName: "n")) var maxSequences = 256
    @Option(help: ArgumentHelp("Precision of activations in matrix products: int8 or f32.", valueName: "kind"))
    var activations = Precision.int8
    @Option(
        help: ArgumentHelp(
            "Keys and values in the cache: f16, or q8 (8 bits: half the memory, rounded).", valueName: "type"))
    var kvType = KVType.f16
    @Option(help: ArgumentHelp("Write all figures as JSON.", valueName: "file")) var json: String?
    @Option(help: ArgumentHelp("Write a report with plots: one HTML page.", valueName: "file")) var report: String?
    @Option(
        help: ArgumentHelp(
            "Write a timeline of each policy's first run: one HTML page each, named after the policy where there are "
                + "several.", valueName: "file"))
    var timeline: String?
    @Flag(help: "Show no progress and no table.") var quiet = false

    mutating func validate() throws {
        try PipelineShape.check(
            stages: stages, threads: threads, prefillChunk: prefillChunk, maxSequences: maxSequences)
        for (name, value) in [("repeat", repeats), ("requests", requests ?? 1)] where !(1...1_000_000).contains(value) {
            throw ValidationError("--\(name) is \(value); it must lie in 1...1000000")
        }
        try prediction.check(lengths: [], policies: choices)
    }

    private var choices: [PolicyChoice] {
        get throws {
            let choices = try policies.split(separator: ",", omittingEmptySubsequences: false).map { text in
                try PipelineShape.usage {
                    try PolicyChoice(parsing: String(text), options: tdPipe, lengths: lengths)
                }
            }
            for (index, choice) in choices.enumerated()
            where choices[..<index].contains(where: { $0.label == choice.label }) {
                throw ValidationError("--policies names '\(choice.label)' twice")
            }
            guard tdPipe == nil || choices.contains(where: \.isForecasting) else {
                throw ValidationError("--td-pipe is given, and --policies '\(policies)' does not name td-pipe")
            }
            return choices
        }
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
        if let json { try writeFile(json, BenchmarkJSON(report: report).text) }
        if let page = self.report {
            try writeFile(page, BenchmarkPage(report: report, recordings: results.recordings).html)
        }
        for recording in results.recordings { try timelines.write(recording, of: report) }
        if !quiet {
            Console.out(BenchmarkTable(runs: report.runs).rendered() + "tokens equal in all \(report.runs.count) runs")
        }
    }

    private func files(_ timelines: TimelineFiles) -> ReportFiles {
        let reports = [("json", json), ("report", report), ("history", prediction.history)].compactMap { option, path in
            path.map { (option, $0) }
        }
        let inputs =
            [("model", model), ("workload", workload)] + (profile.map { [("profile", $0)] } ?? [])
            + prediction.inputs
        return ReportFiles(reports: reports + timelines.paths.map { ("timeline", $0) }, others: inputs)
    }

    private func options(_ choices: [PolicyChoice]) -> OfflineBenchOptions {
        var options = OfflineBenchOptions(modelPath: model, workloadPath: workload, policies: choices)
        options.engine.stages = stages
        options.engine.threads = PipelineShape.threads(threads, stages: stages)
        options.engine.prefillChunk = prefillChunk
        options.engine.maxSequences = maxSequences
        options.engine.precision = activations
        options.engine.kvType = kvType
        switch kvMemory {
        case .bytes(let bytes): options.engine.kvMemory = bytes
        case .share(let share): options.poolShare = share
        }
        options.lengths = lengths
        options.predictor = prediction.source
        options.historyPath = prediction.history
        options.repeats = repeats
        options.requests = requests
        options.costs.profile = profile
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

    mutating func validate() throws {
        guard (1...10_000_000).contains(steps) else {
            throw ValidationError("--steps is \(steps); it must lie in 1...10000000")
        }
    }

    mutating func run() throws {
        if let json { try ReportFiles(reports: [("json", json)], others: []).check() }
        var costs: [ControllerCost] = []
        for name in PolicyCatalogue.names {
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
