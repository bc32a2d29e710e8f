import ArgumentParser
import BatchInference
import Inference
import Platform
import Reporting
import Scheduling

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Answer a file of requests.",
        discussion: """
            The input has one JSON object a line: OpenAI's batch format for /v1/chat/completions and /v1/completions, \
            or the short form {"prompt": "...", "max_tokens": 64}. The output has one line a request, appended as \
            requests end. Run the same command again after an interruption or a crash, and it goes on where it stopped.

            --policy auto tries td-pipe, hybrid and throttle on the work at hand, with the step costs of a profile or of \
            a short measurement, and tells what it chose: in the summary, and with its reasons in --stats, --timeline \
            and --trace.

            --stages auto takes the stages and threads in which the work at hand is expected to end first, from 1 stage with \
            all cores to 8 stages. It needs the step costs of each: those that tideway profile stored, or a short \
            measurement. Answers are the same whatever it takes.

            Exit status: 0 all requests done; 1 the run could not be done; 2 wrong usage; 3 done, and some requests \
            failed (their lines say why).
            """)

    @Option(help: ArgumentHelp("The model, a GGUF file.", valueName: "file")) var model: String
    @Option(help: ArgumentHelp("The requests, one JSON object a line.", valueName: "file")) var input: String
    @Option(help: ArgumentHelp("Where the answers go; also the journal of the run.", valueName: "file"))
    var output: String
    @Option(
        help: ArgumentHelp(
            "Pipeline stages; auto: as many as suit the machine and the requests. (default: 1)", valueName: "n|auto"),
        transform: StageCount.init(parsing:))
    var stages = StageCount.given(1)
    @OptionGroup var pipeline: PipelineOptions
    @Option(
        help: ArgumentHelp("Memory for keys and values, over all stages. (default: 1GiB)", valueName: "size"),
        transform: ByteCount.init(parsing:))
    var kvMemory = ByteCount(bytes: 1 << 30)
    @Option(
        help: ArgumentHelp("Scheduling policy: \(PolicyCatalogue.names.joined(separator: ", ")).", valueName: "name"))
    var policy = PolicyCatalogue.defaultName
    @Option(
        help: ArgumentHelp(
            "How td-pipe and auto predict answer lengths: oracle (max_tokens is the truth), constant:N, prompt-length, "
                + "history, learned. (default: learned with --predictor, else history; oracle with --ignore-eos)",
            valueName: "predictor"))
    var lengths: String?
    @OptionGroup var planning: PlanningOptions
    @Option(help: ArgumentHelp("Write a timeline of all stages: one HTML page.", valueName: "file"))
    var timeline: String?
    @Option(help: ArgumentHelp("Write a trace for Perfetto.", valueName: "file")) var trace: String?
    @Option(help: ArgumentHelp("Write the figures of the run as JSON.", valueName: "file")) var stats: String?
    @Option(
        help: ArgumentHelp(
            "Write all that the scheduler is told, to be replayed by tideway simulate replay; it holds the tokens of "
                + "prompts and answers.", valueName: "file"))
    var eventLog: String?
    @Flag(help: "Begin anew if the output exists.") var overwrite = false
    @Flag(help: "Generate on past the model's end-of-sequence tokens.") var ignoreEos = false
    @Flag(help: "Write token_ids into each choice.") var tokenIds = false
    @Flag(help: "Show no progress and no summary.") var quiet = false

    mutating func validate() throws {
        try pipeline.check(stages: stages.given ?? 1)
        if stages == .automatic, let profile = planning.profile {
            throw ValidationError(
                "--profile \(profile) holds the step costs of one pipeline, and --stages auto compares several; give a "
                    + "number of stages, or leave --profile out")
        }
        let choice = try choice
        try planning.check(lengths: [choice.lengths ?? (ignoreEos ? "oracle" : "learned")], policies: [choice])
        guard choice.lengths != "learned" || planning.predictor != nil else {
            throw ValidationError("--lengths is learned, and --predictor names no predictor to ask")
        }
    }

    private var choice: PolicyChoice {
        get throws {
            guard PolicyCatalogue.names.contains(policy) else {
                let known = PolicyCatalogue.names.joined(separator: ", ")
                throw ValidationError("--policy is '\(policy)'; policies: \(known)")
            }
            return try Usage.read { try PolicyChoice(name: policy, options: planning.tdPipe, lengths: lengths) }
        }
    }

    mutating func run() throws {
        let stop = StopSwitch()
        let interruption = try Interruption { stop.pull() }
        defer { withExtendedLifetime(interruption) {} }
        try reportFiles.check()
        // Checked before anything is loaded or measured.
        try FilePlace.requireWritable(output)
        let isQuiet = quiet
        let run = try BatchRun(options) { if !isQuiet { Console.error($0) } }
        if !quiet { announce(run) }
        var progress = ProgressDisplay(isOn: !quiet)
        let outcome: BatchOutcome
        do {
            defer { progress.finish() }
            outcome = try run.run(
                stopper: stop.connect, now: { Machine.unixTime }, onProgress: { progress.show($0) })
        }
        let summary = RunReport(outcome, policy: policy)
        try write(outcome, summary)
        if !quiet, outcome.report != nil { Console.error(summary.table(files: files(outcome))) }
        try finish(outcome)
    }

    private var reportFiles: ReportFiles {
        ReportFiles(
            reports: [
                ("timeline", timeline), ("trace", trace), ("stats", stats), ("event-log", eventLog),
                ("history", planning.history),
            ],
            others: [("model", model), ("input", input), ("output", output)] + planning.inputs)
    }

    private var options: BatchRunOptions {
        get throws {
            var options = BatchRunOptions(
                modelPath: model, inputPath: input, outputPath: output, policy: try choice)
            options.engine = pipeline.engine(stages: stages.given ?? 1)
            if stages == .automatic {
                options.shapeSearch = ShapeSearch(cores: Processors.available.count, threads: pipeline.threads)
            }
            options.engine.kvMemory = kvMemory.bytes
            options.costs.profile = planning.profile
            options.overwrites = overwrite
            options.ignoresEOS = ignoreEos
            options.includesTokenIDs = tokenIds
            options.eventLogPath = eventLog
            options.predictor = planning.source
            options.historyPath = planning.history
            options.recordsTimeline = timeline != nil || trace != nil
            return options
        }
    }

    private func announce(_ run: BatchRun) {
        if run.tornBytes > 0 {
            Console.error("\(output): a torn last line of \(run.tornBytes) bytes was cut off; its request runs again")
        }
        if run.requestsFound == run.requestsTotal {
            Console.error("\(output): all \(run.requestsTotal) requests are done")
        } else if run.requestsFound > 0 {
            Console.error("\(output): \(run.requestsFound) of \(run.requestsTotal) requests are done; going on")
        }
    }

    /// What the run wrote, for the summary.
    private func files(_ outcome: BatchOutcome) -> [[String]] {
        let drawn = outcome.recording == nil ? [] : [("timeline", timeline), ("trace", trace)]
        let files: [(String, String?)] = [("answers", output)] + drawn + [("figures", stats), ("events", eventLog)]
        return files.compactMap { name, path in path.map { [name, $0] } }
    }

    private func write(_ outcome: BatchOutcome, _ summary: RunReport) throws {
        if let stats { try writeFile(stats, summary.figures.json.indented + "\n") }
        guard let recording = outcome.recording else {
            if timeline != nil || trace != nil, !quiet {
                Console.error("nothing was left to run, so there is no timeline")
            }
            return
        }
        if let timeline {
            try writeFile(timeline, TimelinePage(recording: recording, summary: summary.figures.lines()).html)
        }
        if let trace { try writeFile(trace, PerfettoTrace(recording: recording).json) }
    }

    private func finish(_ outcome: BatchOutcome) throws {
        if case .stopped(let missing) = outcome.ending {
            Console.error(
                "stopped: \(outcome.requestsTotal - missing) of \(outcome.requestsTotal) requests are done; "
                    + "the same command goes on from here")
            throw ExitCode(1)
        }
        if outcome.failed > 0 {
            Console.error("\(outcome.failed) of \(outcome.requestsTotal) requests failed; their lines say why")
            throw ExitCode(3)
        }
    }
}
