import ArgumentParser
import OpenAIProtocol
import Reporting
import Scheduling
import Simulation
import Studies

struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run policies on hardware that is not there.",
        discussion: """
            The scheduler that runs real stages, on a virtual clock: stage times come from data sheets (see \
            docs/SIMULATION.md), lengths and arrivals from a workload. Equal seeds give equal runs.

            A cluster is 4xL20, 4xL20@pcie4-shared, or with hosts 2x(4xL20@pcie4)@100gbe.
            Devices: \(Catalogue.standard.devices.map(\.name).joined(separator: ", ")).
            Links: \(Catalogue.standard.links.map(\.name).joined(separator: ", ")).
            Models: \(Catalogue.standard.models.map(\.name).joined(separator: ", ")), a GGUF file, or a config.json.

            A policy may carry options of its own after plus signs: \
            --policies hybrid,td-pipe,td-pipe+stealing=off+switch=fixed:0.4

            --sweep rate=1,2,4 runs all policies with each value of one setting: \
            \(StudyKeys.names.joined(separator: ", ")).

            --preset td-pipe-paper does the evaluation of TD-Pipe (arXiv 2506.10470). --like RUN.json simulates real \
            runs, as run --stats or bench offline --json left them, with the step costs that tideway profile measured, \
            and tells how far off the simulation is; it needs the model's file and the runs' workload. Runs that tell \
            how their times compare with that profile are simulated a second time, scaled by their ratio: the error \
            that is left is the simulator's, not the machine's.

            --fuzz runs --seeds worlds of random pipelines, pools, policies and faults (stages that fail and return, \
            messages that come late or twice, cancellations) and checks every invariant of the scheduler in each. \
            --replay EVENTS tells a scheduler all that run --event-log took down, and demands the same actions.

            Exit status: 0 done; 1 nothing could be simulated, an invariant was violated, or a replay differs; 2 wrong \
            usage.
            """)

    @Option(help: ArgumentHelp("What it runs on, such as 4xL20.", valueName: "cluster")) var cluster: String?
    @Option(help: ArgumentHelp("A model of the catalogue, a GGUF file, or a config.json.", valueName: "model"))
    var model: String?
    @Option(
        help: ArgumentHelp(
            "Lengths of the requests: \(LengthShape.all.map(\.name).joined(separator: ", ")), or a file: CSV with "
                + "prompt_tokens,output_tokens and perhaps arrival_s, or JSON lines with prompt_tokens and "
                + "output_tokens. (default: sharegpt)", valueName: "workload"))
    var workload: String?
    @Option(
        help: ArgumentHelp(
            "Policies to compare, with commas between them: \(PolicyCatalogue.names.joined(separator: ", ")). "
                + "(default: all)", valueName: "names"))
    var policies: String?
    @Option(help: ArgumentHelp("How many requests. (default: 1000)", valueName: "n")) var requests: String?
    @Option(help: ArgumentHelp("Of all that is drawn. (default: 0)", valueName: "n")) var seed: String?
    @Option(
        help: ArgumentHelp(
            "Stages and devices of a stage: pp4, tp4, tp2pp2 (default: a stage for each device).", valueName: "plan"))
    var parallel: String?
    @Option(
        help: ArgumentHelp(
            "Format of the weights: \(WeightFormat.all.map(\.name).joined(separator: ", ")). (default: as in the "
                + "model's file, else fp16)", valueName: "format"))
    var weights: String?
    @Option(
        help: ArgumentHelp(
            "When requests come: \(ArrivalProcess.usage). (default: offline)", valueName: "process"))
    var arrivals: String?
    @Option(help: ArgumentHelp("Requests a second; arrivals are Poisson unless told.", valueName: "rate"))
    var rate: String?
    @Option(
        help: ArgumentHelp(
            "What predicts answer lengths for td-pipe: \(PredictionModel.usage). (default: oracle)",
            valueName: "predictor"))
    var predictor: String?
    @Option(
        help: ArgumentHelp(
            "Spread of its errors: predictions are off by a factor whose logarithm has this standard deviation. "
                + "(default: 0)", valueName: "sigma"))
    var predictionError: String?
    @Option(
        help: ArgumentHelp(
            "Options of td-pipe, with commas between and no spaces: \(TDPipeOptions.usage).", valueName: "options"))
    var tdPipe: String?
    @Option(
        help: ArgumentHelp(
            "Prompt tokens in a micro-batch; token budget of hybrid batches. (default: 512)", valueName: "n"))
    var prefillChunk: String?
    @Option(
        help: ArgumentHelp(
            "Sequences that hold KV blocks at a time (default: as many as fit; 256 with --like).", valueName: "n"))
    var maxSequences: String?
    @Option(
        help: ArgumentHelp(
            "Share of each device's memory for weights and KV cache. (default: 0.9)", valueName: "share"))
    var memoryShare: String?
    @Option(help: ArgumentHelp("KV blocks of 16 tokens (default: as many as fit).", valueName: "n"))
    var kvBlocks: String?
    @Option(
        help: ArgumentHelp(
            "Microseconds that the controller takes for each micro-batch. (default: 0)", valueName: "us"))
    var controllerUs: String?
    @Option(help: ArgumentHelp("Service level: seconds to the first token.", valueName: "s")) var ttft: Double?
    @Option(help: ArgumentHelp("Service level: seconds from token to token.", valueName: "s")) var tpot: Double?
    @Flag(help: "Search the highest rate at which 90 % of the requests keep --ttft and --tpot.") var goodput = false
    @Option(help: ArgumentHelp("One setting with several values, such as rate=1,2,4.", valueName: "key=a,b,c"))
    var sweep: String?
    @Option(
        help: ArgumentHelp(
            "Devices, links, models and curves to add to those that are built in; the form is in docs/SIMULATION.md.",
            valueName: "file"))
    var catalogue: String?
    @Option(help: ArgumentHelp("A whole evaluation: td-pipe-paper.", valueName: "name")) var preset: String?
    @Option(help: ArgumentHelp("Simulate the runs of this file, and compare.", valueName: "file")) var like: String?
    @Option(
        help: ArgumentHelp(
            "With --like: step costs, as tideway profile wrote them (default: those stored for this model and "
                + "pipeline).", valueName: "file"))
    var profile: String?
    @Option(
        help: ArgumentHelp(
            "With --like: microseconds from one thread to the next. (default: 0)", valueName: "us"))
    var handOverUs: Double?
    @Flag(help: "Look for faults in the scheduler.") var fuzz = false
    @Option(help: ArgumentHelp("With --fuzz: how many worlds, from --seed on. (default: 1000)", valueName: "n"))
    var seeds: Int?
    @Option(help: ArgumentHelp("An event log of tideway run to replay.", valueName: "file")) var replay: String?
    @OptionGroup var reports: ReportOptions
    @Option(
        help: ArgumentHelp(
            "Write a timeline of each policy: one HTML page each, named after the policy where there are several.",
            valueName: "file"))
    var timeline: String?
    @Flag(help: "Show no progress and no table.") var quiet = false

    mutating func validate() throws {
        for (name, value) in [("ttft", ttft), ("tpot", tpot), ("hand-over-us", handOverUs)] {
            guard let value, !(0...1e9).contains(value) else { continue }
            throw ValidationError("--\(name) is \(value); it must lie in 0...1000000000")
        }
        if fuzz || replay != nil {
            try refuseAllBut(fuzz ? ["fuzz", "seeds", "seed"] : ["replay"])
            _ = try fuzzRange
        } else if preset != nil {
            try refuse(Self.studyFlags + ["like", "profile", "hand-over-us"], beside: "preset")
            _ = try Usage.read { try SimulatePaper(self) }
        } else if like != nil {
            try refuse(Self.studyFlags.filter { !Self.replayFlags.contains($0) } + ["seed"], beside: "like")
            _ = try SimulateReplay.options(of: self)
        } else {
            try refuse(["profile", "hand-over-us"], beside: nil)
            guard seeds == nil else { throw ValidationError("--seeds has a meaning beside --fuzz alone") }
            _ = try SimulateStudy(self)
        }
    }

    /// Flags that a preset sets itself; some of them a replay takes.
    private static let studyFlags = [
        "cluster", "model", "policies", "parallel", "weights", "arrivals", "rate", "predictor", "prediction-error",
        "td-pipe", "prefill-chunk", "max-sequences", "memory-share", "kv-blocks", "controller-us", "ttft", "tpot",
        "goodput", "sweep", "timeline",
    ]
    private static let replayFlags = ["model", "predictor", "prefill-chunk", "max-sequences", "controller-us"]

    private func refuse(_ flags: [String], beside other: String?) throws {
        for flag in flags where given(flag) {
            throw ValidationError(
                other.map { "--\(flag) has no meaning beside --\($0)" } ?? "--\(flag) has a meaning beside --like alone"
            )
        }
    }

    /// Flags that are settings of a study too, with their values where they were given.
    var settings: [(key: String, value: String?)] {
        [
            ("parallel", parallel), ("weights", weights), ("requests", requests), ("seed", seed),
            ("arrivals", arrivals), ("rate", rate), ("predictor", predictor), ("prediction-error", predictionError),
            ("prefill-chunk", prefillChunk), ("max-sequences", maxSequences), ("memory-share", memoryShare),
            ("kv-blocks", kvBlocks), ("controller-us", controllerUs),
        ]
    }

    private func given(_ flag: String) -> Bool {
        let texts =
            settings + [
                ("cluster", cluster), ("model", model), ("policies", policies), ("td-pipe", tdPipe), ("sweep", sweep),
                ("timeline", timeline), ("like", like), ("profile", profile), ("preset", preset),
                ("workload", workload), ("catalogue", catalogue), ("json", reports.json),
                ("report", reports.report), ("replay", replay), ("seeds", seeds.map(String.init)),
                ("quiet", quiet ? "" : nil),
            ]
        let numbers = [("ttft", ttft), ("tpot", tpot), ("hand-over-us", handOverUs)]
        return texts.contains { $0.key == flag && $0.value != nil }
            || numbers.contains { $0.0 == flag && $0.1 != nil } || flag == "goodput" && goodput
    }

    private func refuseAllBut(_ allowed: [String]) throws {
        var others = Self.studyFlags + ["like", "profile", "hand-over-us", "preset", "workload", "requests", "seed"]
        others += ["catalogue", "json", "report", "quiet", "replay", "seeds"]
        for flag in others where !allowed.contains(flag) && given(flag) {
            throw ValidationError("--\(flag) has no meaning beside --\(allowed[0])")
        }
    }

    private var fuzzRange: (first: UInt64, count: Int) {
        get throws {
            guard let first = UInt64(seed ?? "0") else {
                throw ValidationError("--seed is '\(seed ?? "")'; a whole number from 0 on is needed")
            }
            let count = seeds ?? 1000
            try Usage.check("seeds", count, in: 1...100_000_000)
            return (first, count)
        }
    }

    mutating func run() throws {
        if fuzz {
            let range = try fuzzRange
            guard FuzzSession.run(first: range.first, seeds: range.count) else { throw ExitCode(1) }
        } else if let replay {
            Console.out(try EventReplayReport(path: replay).text)
        } else if preset != nil {
            try SimulatePaper(self).run()
        } else if like != nil {
            try SimulateReplay(self).run()
        } else {
            try SimulateStudy(self).run()
        }
    }

    /// The files that are written, checked before anything is simulated.
    func checkFiles(timelines: [String] = []) throws {
        try ReportFiles(
            reports: reports.files + timelines.map { ("timeline", $0) },
            others: [("catalogue", catalogue), ("like", like), ("profile", profile)]
        ).check()
    }
}
