import ArgumentParser
import Reporting
import Scheduling
import Simulation
import Studies

struct StudyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "study",
        abstract: "Compare policies on a cluster of the catalogue (default).",
        discussion: """
            Stage times come from data sheets (see docs/SIMULATION.md), lengths and arrivals from a workload. Equal seeds \
            give equal runs.

            A cluster is 4xL20, 4xL20@pcie4-shared, or with hosts 2x(4xL20@pcie4)@100gbe.
            Devices: \(Catalogue.standard.devices.map(\.name).joined(separator: ", ")).
            Links: \(Catalogue.standard.links.map(\.name).joined(separator: ", ")).
            Models: \(Catalogue.standard.models.map(\.name).joined(separator: ", ")), a GGUF file, or a config.json.

            A policy may carry options of its own after plus signs, of which chunk=N is for all policies: \
            --policies hybrid+chunk=1024,td-pipe,td-pipe+stealing=off+switch=fixed:0.4

            All policies are told the same requests in the same order (--order); td-pipe's own order is that of arrival \
            unless its text says order=longest.

            --sweep rate=1,2,4 runs all policies with each value of one setting: \
            \(StudyKeys.names.joined(separator: ", ")). With rates the table, the page and the JSON tell TTFT, TPOT and \
            the gaps between tokens of each policy at each rate.
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
    @Option(
        help: ArgumentHelp(
            "Stages and devices of a stage: pp4, tp4, tp2pp2 (default: a stage for each device).", valueName: "plan"))
    var parallel: String?
    @OptionGroup var traffic: TrafficOptions
    @Option(
        help: ArgumentHelp(
            "What predicts answer lengths for td-pipe, auto and --order: \(PredictorChoice.usage). (default: history, as in "
                + "run)",
            valueName: "predictor"))
    var predictor: String?
    @Option(
        help: ArgumentHelp(
            "Spread of its errors: predictions are off by a factor whose logarithm has this standard deviation. "
                + "(default: 0)", valueName: "sigma"))
    var predictionError: String?
    @Option(
        help: ArgumentHelp(
            "A factor on its predictions: 2 for answers predicted twice as long. (default: 1)", valueName: "factor"))
    var predictorBias: String?
    @Option(
        help: ArgumentHelp(
            "The order in which all policies are told the requests of an offline workload: \(WaitingOrder.usage). "
                + "(default: arrival)", valueName: "order"))
    var order: String?
    @Option(
        help: ArgumentHelp(
            "Spread of the errors of the profile that td-pipe and auto plan with, as of --prediction-error, for each stage and "
                + "each power of two of tokens. (default: 0)", valueName: "sigma"))
    var profileError: String?
    @Option(
        help: ArgumentHelp(
            "Options of td-pipe, also where auto tries it, with commas between and no spaces: "
                + "\(TDPipeOptions.usage).", valueName: "options"))
    var tdPipe: String?
    @Option(
        help: ArgumentHelp(
            "Prompt tokens in a micro-batch; token budget of hybrid batches (default: 512 for hybrid and "
                + "virtual-hybrid, 2048 for the others).", valueName: "n"))
    var prefillChunk: String?
    @Option(
        help: ArgumentHelp(
            "Sequences that hold KV blocks at a time (default: as many as fit).", valueName: "n"))
    var maxSequences: String?
    @Option(help: ArgumentHelp("KV blocks of 16 tokens (default: as many as fit).", valueName: "n"))
    var kvBlocks: String?
    @Option(
        help: ArgumentHelp(
            "Microseconds that the controller takes for each micro-batch. (default: 0)", valueName: "us"))
    var controllerUs: String?
    @Option(
        help: ArgumentHelp(
            "Service level that runs are measured by: seconds to the first token. What td-pipe keeps to is --td-pipe "
                + "ttft=S.", valueName: "s")) var ttft: Double?
    @Option(
        help: ArgumentHelp(
            "Service level that runs are measured by: seconds from token to token. What td-pipe keeps to is --td-pipe "
                + "tpot=S.", valueName: "s")) var tpot: Double?
    @Flag(help: "Search the highest rate at which 90 % of the requests keep --ttft and --tpot.") var goodput = false
    @Option(help: ArgumentHelp("One setting with several values, such as rate=1,2,4.", valueName: "key=a,b,c"))
    var sweep: String?
    @OptionGroup var additions: CatalogueOption
    @OptionGroup var reports: ReportOptions
    @Option(
        help: ArgumentHelp(
            "Write a timeline of each policy: one HTML page each, named after the policy where there are several.",
            valueName: "file"))
    var timeline: String?
    @Flag(help: "Show no progress and no table.") var quiet = false

    mutating func validate() throws {
        for (name, value) in [("ttft", ttft), ("tpot", tpot)] {
            if let value { try Usage.check(name, value, in: 0...1e9) }
        }
        _ = try SimulateStudy(self)
    }

    mutating func run() throws { try SimulateStudy(self).run() }

    /// The flags that each set one setting of a study, with their values; nil if a flag was not given.
    var settings: [(key: String, value: String?)] {
        traffic.settings + [
            ("parallel", parallel), ("requests", requests), ("predictor", predictor),
            ("prediction-error", predictionError), ("predictor-bias", predictorBias), ("order", order),
            ("profile-error", profileError), ("prefill-chunk", prefillChunk), ("max-sequences", maxSequences),
            ("kv-blocks", kvBlocks), ("controller-us", controllerUs),
        ]
    }

    /// The files that are written, checked before anything is simulated.
    func checkFiles(timelines: [String]) throws {
        try ReportFiles(
            reports: reports.files + timelines.map { ("timeline", $0) }, others: [("catalogue", additions.catalogue)]
        ).check()
    }
}
