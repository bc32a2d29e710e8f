import ArgumentParser
import Simulation
import Studies

/// Flags of a study that say what comes to a model and how it is held: seed, weights, arrivals, memory.
struct TrafficOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Of all that is drawn. (default: 0)", valueName: "n")) var seed: String?
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
            "Share of each device's memory for weights and KV cache. (default: 0.9)", valueName: "share"))
    var memoryShare: String?

    /// The settings that the flags set, with their values; nil if a flag was not given.
    var settings: [(key: String, value: String?)] {
        [
            ("weights", weights), ("seed", seed), ("arrivals", arrivals), ("rate", rate), ("memory-share", memoryShare),
        ]
    }
}
