import ArgumentParser
import Scheduling
import Simulation
import Studies

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Find the parallel plan and the policy for a model on a cluster, by simulation.",
        discussion: """
            Simulates each way to use all devices for one copy of the model (a pipeline with a stage for each device, \
            tensor parallelism over all of them, and what lies between) with each policy on the same requests, ranks them \
            by tokens a second, and says why the best is the best. What does not fit is told with the reason.

            Which plan is the best depends on the number of requests: --requests should be that of the job. By default \
            it is a sample. Where requests come at a pace of their own, plans that keep up with them are ranked by the \
            mean time of a request instead.

            Clusters, models, workloads and policies are those of tideway simulate study. Copies of the model side by \
            side are not compared.

            Exit status: 0 done; 1 nothing fits or could be run; 2 wrong usage.
            """)

    @Option(help: ArgumentHelp("A model of the catalogue, a GGUF file, or a config.json.", valueName: "model"))
    var model: String
    @Option(help: ArgumentHelp("What it runs on, such as 4xL20.", valueName: "cluster")) var cluster: String
    @Option(
        help: ArgumentHelp(
            "Lengths of the requests: \(LengthShape.all.map(\.name).joined(separator: ", ")), or a file, as simulate "
                + "study reads it.", valueName: "workload"))
    var workload = LengthShape.shareGPT.name
    @Option(
        help: ArgumentHelp(
            "How many requests (default: those of the file, a sample of \(PlanSession.sampleSize) at most).",
            valueName: "n"))
    var requests: String?
    @Option(
        help: ArgumentHelp(
            "Policies to try on each plan, with commas between them: "
                + "\(PolicyCatalogue.names.joined(separator: ", ")). (default: "
                + "\(PolicyCatalogue.compared.joined(separator: ",")))", valueName: "names"))
    var policies: String?
    @OptionGroup var traffic: TrafficOptions
    @Option(
        help: ArgumentHelp(
            "What predicts answer lengths for td-pipe and auto, as simulate study reads it.", valueName: "predictor"))
    var predictor: String?
    @OptionGroup var additions: CatalogueOption
    @Option(help: ArgumentHelp("Write all figures as JSON.", valueName: "file")) var json: String?
    @Flag(help: "Show no progress and no table.") var quiet = false

    mutating func validate() throws { _ = try PlanSession(self) }

    mutating func run() throws { try PlanSession(self).run() }

    /// The flags that each set one setting of a study, with their values; nil if a flag was not given.
    var settings: [(key: String, value: String?)] {
        traffic.settings + [("requests", requests), ("predictor", predictor)]
    }
}
