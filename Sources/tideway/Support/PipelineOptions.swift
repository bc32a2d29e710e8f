import ArgumentParser
import CPUDevice
import Inference
import OpenAIProtocol
import Runtime

/// The pipeline that `run` and `bench offline` build, but for its stages, and the bounds of its micro-batches.
struct PipelineOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Threads of each stage (default: the cores shared out evenly).", valueName: "n"))
    var threads: Int?
    @Option(help: ArgumentHelp("Prompt tokens in a micro-batch; token budget of hybrid batches.", valueName: "n"))
    var prefillChunk = 512
    @Option(help: ArgumentHelp("Sequences that hold KV blocks at a time.", valueName: "n")) var maxSequences = 256
    @OptionGroup var precision: PrecisionOptions

    /// Checks the options for a number of stages.
    /// - Throws: an error that names the option, its value and its range.
    func check(stages: Int) throws {
        try PipelineShape.check(
            stages: stages, threads: threads, prefillChunk: prefillChunk, maxSequences: maxSequences)
    }

    /// The options as the engine takes them, with the default size of the KV cache.
    func engine(stages: Int) -> EngineOptions {
        var options = EngineOptions()
        options.stages = stages
        options.threads = PipelineShape.threads(threads, stages: stages)
        options.prefillChunk = prefillChunk
        options.maxSequences = maxSequences
        options.precision = precision.activations
        options.kvType = precision.kvType
        return options
    }
}

/// The precision in which a model computes.
struct PrecisionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Precision of activations in matrix products: int8 or f32.", valueName: "kind"))
    var activations = Precision.int8
    @Option(
        help: ArgumentHelp(
            "Keys and values in the cache: f16, or q8 (8 bits: half the memory, rounded).", valueName: "type"))
    var kvType = KVType.f16
}

extension Precision: ExpressibleByArgument {}
extension KVType: ExpressibleByArgument {}

extension KVType {
    /// The type's name for figures; nil for half precision, which is the default.
    var named: String? { self == .f16 ? nil : rawValue }
}
