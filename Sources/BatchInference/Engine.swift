import Runtime
import Scheduling
import Transformer

/// Device, pipeline, driver and core for one run.
struct Engine: Sendable {
    let device: CPUDevice
    let plan: EnginePlan
    let pipeline: Pipeline
    let driver: EngineDriver
    let core: EngineCore

    init(_ options: BatchRunOptions, model: TextModel) throws {
        guard let policy = PolicyCatalogue.policy(named: options.policy) else {
            let known = PolicyCatalogue.names.joined(separator: ", ")
            throw BatchError(.unknownPolicy, "there is no policy '\(options.policy)'; policies: \(known)")
        }
        do {
            device = try CPUDevice(
                model.file, precision: options.precision,
                loadThreads: min(options.stages * options.threads, Processors.available.count))
        } catch {
            throw BatchError(.unsupportedModel, "\(options.modelPath): \(error)")
        }
        guard device.model.vocabulary == model.tokenizer.vocabularySize else {
            throw BatchError(
                .unsupportedModel,
                "\(options.modelPath): the tokenizer has \(model.tokenizer.vocabularySize) tokens, the embedding "
                    + "\(device.model.vocabulary) rows; they must agree")
        }
        plan = try EnginePlan(
            device: device, stages: options.stages, kvMemory: options.kvMemory, prefillChunk: options.prefillChunk,
            maxSequences: options.maxSequences)
        let clock = RunClock()
        pipeline = try Pipeline(
            device: device, ranges: plan.ranges, blocks: plan.configuration.blockCount, threads: options.threads,
            clock: clock, recordsSpans: options.recordsTimeline)
        driver = EngineDriver(pipeline: pipeline, clock: clock)
        core = EngineCore(configuration: plan.configuration, policy: policy)
    }

    /// Ends the stages' threads, for an engine that never ran.
    func shutDown() { pipeline.shutDown() }

    func recording(_ options: BatchRunOptions, model: TextModel) -> RunRecording {
        RunRecording(
            model: model.name, policy: options.policy, stages: options.stages, threadsPerStage: options.threads,
            blocksTotal: plan.configuration.blockCount, tokensPerBlock: plan.configuration.tokensPerBlock)
    }
}
