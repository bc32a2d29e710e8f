import CPUDevice
import Platform
import Runtime
import Scheduling
import StageDevices

/// A model on its device, and the sizes of its pipeline, shared by successive runs. Weights are packed once, however
/// many pipelines are made.
public struct Deployment: Sendable {
    public let model: TextModel
    public let options: EngineOptions
    package let device: CPUDevice
    package let plan: EnginePlan

    /// - Throws: `InferenceError` for a model that Tideway cannot run, `RuntimeError` for a number of stages or a pool
    ///   that the model does not allow.
    public init(_ model: TextModel, options: EngineOptions) throws {
        let device: CPUDevice
        do {
            device = try CPUDevice(
                model.checkpoint, precision: options.precision, kvType: options.kvType, threads: options.threads,
                loadThreads: min(options.stages * options.threads, Processors.available.count))
        } catch {
            throw InferenceError(.unsupportedModel, "\(model.path): \(error)")
        }
        guard device.sizes.vocabulary == model.tokenizer.vocabularySize else {
            throw InferenceError(
                .unsupportedModel,
                "\(model.path): the tokenizer has \(model.tokenizer.vocabularySize) tokens, the embedding "
                    + "\(device.sizes.vocabulary) rows; they must agree")
        }
        try self.init(model, options: options, device: device)
    }

    private init(_ model: TextModel, options: EngineOptions, device: CPUDevice) throws {
        self.model = model
        self.options = options
        self.device = device
        plan = try EnginePlan(
            device: device, stages: options.stages, kvMemory: options.kvMemory, prefillChunk: options.prefillChunk,
            maxSequences: options.maxSequences)
    }

    /// The same model in another number of stages and threads; its weights are packed once for both.
    /// - Throws: `RuntimeError` for a number of stages that the model does not allow.
    package func reshaped(stages: Int, threads: Int) throws -> Deployment {
        var options = options
        options.stages = stages
        options.threads = threads
        return try Deployment(
            model, options: options, device: CPUDevice(sharingWeightsOf: device, threads: threads))
    }

    public var blocksTotal: Int { plan.configuration.blockCount }
    /// Layers of each stage.
    public var layerCounts: [Int] { plan.ranges.map(\.layers.count) }

    /// Measures step costs on a pipeline of its own, with as much of the pool as the points need.
    /// - Parameters:
    ///   - points: makes the plan of the measurement for a configuration.
    ///   - onSample: called with each sample as soon as it is measured.
    package func measureSteps(
        _ points: (EngineConfiguration) -> ProfilePlan, onSample: (StepSample) -> Void = { _ in }
    ) throws -> StepProfile {
        let profiler = try StepProfiler(device: device, ranges: plan.ranges, configuration: plan.configuration)
        let samples = try profiler.measure(points(plan.configuration), onSample: onSample)
        return StepProfile(
            fingerprint: model.fingerprint, model: model.name, stages: options.stages, threads: options.threads,
            layerCounts: layerCounts, processor: Machine.processor, kernels: device.kernelName,
            precision: options.precision, kvType: options.kvType, samples: samples)
    }

    /// An empty recording of a run, for a timeline or statistics.
    package func recording(policy: String) -> RunRecording {
        RunRecording(
            model: model.name, policy: policy, stages: options.stages, threadsPerStage: options.threads,
            blocksTotal: blocksTotal, tokensPerBlock: plan.configuration.tokensPerBlock)
    }
}
