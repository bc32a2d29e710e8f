import ArgumentParser
import CPUDevice
import Inference
import OpenAIProtocol
import Runtime

/// The pipeline that `run` and `bench offline` build, and the bounds of its micro-batches.
struct PipelineOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Pipeline stages.", valueName: "n")) var stages = 1
    @Option(help: ArgumentHelp("Threads of each stage (default: the cores shared out evenly).", valueName: "n"))
    var threads: Int?
    @Option(help: ArgumentHelp("Prompt tokens in a micro-batch; token budget of hybrid batches.", valueName: "n"))
    var prefillChunk = 512
    @Option(help: ArgumentHelp("Sequences that hold KV blocks at a time.", valueName: "n")) var maxSequences = 256
    @OptionGroup var precision: PrecisionOptions

    mutating func validate() throws {
        try PipelineShape.check(
            stages: stages, threads: threads, prefillChunk: prefillChunk, maxSequences: maxSequences)
    }

    var threadsPerStage: Int { PipelineShape.threads(threads, stages: stages) }

    /// The options as the engine takes them, with the default size of the KV cache.
    var engine: EngineOptions {
        var options = EngineOptions()
        options.stages = stages
        options.threads = threadsPerStage
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
