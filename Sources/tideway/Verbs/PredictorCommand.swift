import ArgumentParser
import BatchInference
import LengthPrediction
import Reporting

struct PredictorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predictor",
        abstract: "Learn from a model's answers how long its answers become.",
        discussion: """
            tideway run --history F takes down what each answer came to. train learns from that, and run --predictor \
            plans with it: td-pipe and auto then know roughly how much of the KV pool each request will take.
            """,
        subcommands: [PredictorTrainCommand.self, PredictorEvaluateCommand.self, PredictorInspectCommand.self])
}

/// The files that training and evaluation share.
struct PredictorFilesOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Answers, as tideway run --history took them down.", valueName: "file"))
    var history: String
    @Option(
        help: ArgumentHelp(
            "The texts of their prompts: the input of those runs, or a benchmark's workload.", valueName: "file"))
    var prompts: String
    @Option(help: ArgumentHelp("The model that answered, a GGUF file.", valueName: "file")) var model: String
    @Option(help: ArgumentHelp("Threads of the encoder.", valueName: "n")) var threads = 1

    mutating func validate() throws { try Usage.check("threads", threads, in: 1...65_536) }

    var data: PredictorDataOptions {
        var options = PredictorDataOptions(historyPath: history, promptsPath: prompts, modelPath: model)
        options.threads = threads
        return options
    }

    /// The files that no report may overwrite.
    var inputs: [ReportFiles.Named] { [("history", history), ("prompts", prompts), ("model", model)] }
}

struct PredictorTrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a predictor.",
        discussion: """
            A sentence encoder reads each prompt; a small network learns from its numbers how long the answer became, in \
            two ways: as one of five classes of length, and as the logarithm of the length. The way whose sums over many \
            answers are nearer to the truth is kept. A fifth of the prompts is held out, and the table says what the \
            predictors are worth on it beside simple ones.

            The encoder is a folder such as all-MiniLM-L6-v2 (python3 Scripts/fetch_model.py .cache all-MiniLM-L6-v2).
            """)

    @OptionGroup var files: PredictorFilesOptions
    @Option(help: ArgumentHelp("The encoder's folder.", valueName: "folder")) var encoder: String
    @Option(help: ArgumentHelp("Tokens of a prompt that the encoder reads.", valueName: "n")) var window = 64
    @Option(help: ArgumentHelp("Which tokens of a longer prompt: first or ends.", valueName: "which"))
    var keep = Window.ends
    @Option(
        help: ArgumentHelp(
            "Keep this way: classes or quantiles (default: the better one by cross-validation).", valueName: "kind"))
    var kind: LearnedLengths.Kind?
    @Option(help: ArgumentHelp("Decides the first weights and the order of the examples.", valueName: "n"))
    var seed: UInt64 = 1
    @Option(help: ArgumentHelp("Where the predictor goes.", valueName: "file")) var output: String
    @Flag(help: "Show no progress and no table.") var quiet = false

    mutating func run() throws {
        try ReportFiles(reports: [("output", output)], others: files.inputs).check()
        let data = try PredictorData(files.data, encoder: encoder, window: window, keep: keep)
        if !quiet { for notice in data.notices { Console.error(notice) } }
        var options = TrainingOptions()
        options.seed = seed
        let isQuiet = quiet
        let trained = try LengthTrainer(data.examples, options: options).train { progress in
            if !isQuiet { Console.error(PredictorTable.line(progress)) }
        }
        let file = PredictorFile(trained, kind: kind, origin: data.origin)
        try writeFile(output, bytes: file.bytes)
        guard !quiet else { return }
        Console.out(
            PredictorTable.text(file) + "\nby cross-validation, " + PredictorTable.text(trained.validation)
                + "encoder: "
                + Quantities.fixed(1000 * data.encoderSeconds / Double(data.examples.count), digits: 1)
                + " ms a prompt on \(files.threads) threads")
    }
}

struct PredictorEvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Judge a predictor on the held-out prompts of a history.",
        discussion: """
            A prompt is held out by its digest alone: those that a predictor learned from are never among them, whatever \
            has been added to the history since.
            """)

    @OptionGroup var files: PredictorFilesOptions
    @Option(help: ArgumentHelp("The predictor, as tideway predictor train wrote it.", valueName: "file"))
    var predictor: String
    @Option(
        help: ArgumentHelp("The encoder's folder (default: the one that it was trained with).", valueName: "folder"))
    var encoder: String?
    @Option(
        help: ArgumentHelp(
            "Write the held-out answers as a workload with forecasts, for bench offline and simulate.",
            valueName: "file"))
    var workload: String?
    @Option(help: ArgumentHelp("Write the figures as JSON.", valueName: "file")) var json: String?

    mutating func run() throws {
        try ReportFiles(
            reports: [("workload", workload), ("json", json)], others: files.inputs + [("predictor", predictor)]
        ).check()
        let source = PredictorSource(path: predictor, encoder: encoder)
        let file = try source.read()
        let data = try PredictorData(files.data, as: source)
        for notice in data.notices { Console.error(notice) }
        let evaluation = try data.evaluation(of: file.predictor)
        if let json { try writeFile(json, bytes: evaluation.json.encoded() + [UInt8(ascii: "\n")]) }
        if let workload { try writeFile(workload, bytes: data.heldOutWorkload(file.predictor)) }
        Console.out(PredictorTable.text(evaluation))
    }
}

struct PredictorInspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Say what a predictor was trained on and what it is worth.")

    @Argument(help: ArgumentHelp("The predictor.", valueName: "file")) var path: String

    mutating func run() throws { Console.out(PredictorTable.text(try PredictorSource(path: path).read())) }
}

extension Window: ExpressibleByArgument {}
extension LearnedLengths.Kind: ExpressibleByArgument {}
