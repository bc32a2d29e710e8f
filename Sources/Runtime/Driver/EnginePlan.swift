import Scheduling
import Transformer

/// The sizes of a run, worked out before anything is loaded.
public struct EnginePlan: Sendable {
    public let ranges: [LayerRange]
    public let configuration: EngineConfiguration

    /// - Parameters:
    ///   - kvMemory: bytes for keys and values over all stages.
    public init(
        device: any StageDevice, stages: Int, kvMemory: Int, prefillChunk: Int, maxSequences: Int
    ) throws {
        let blocks = kvMemory / device.bytesPerKVBlock
        guard blocks >= 1 else {
            let message =
                "a KV pool of \(kvMemory) bytes holds no block; one block of 16 tokens takes "
                + "\(device.bytesPerKVBlock) bytes with this model"
            throw RuntimeError(.kvPoolTooSmall, message)
        }
        // More blocks than all sequences at once can fill would only be counted, never used.
        let most = maxSequences * ((device.model.contextLength + 15) / 16)
        // With one stage there is nothing to balance.
        let costs = stages == 1 ? StageCosts(embedding: 0, layer: 1, head: 0) : try device.measureCosts()
        ranges = try LayerPartition.balanced(layers: device.model.layers, stages: stages, costs: costs)
        configuration = EngineConfiguration(
            stages: stages, tokensPerBlock: 16, blockCount: min(blocks, most, Int(Int32.max)),
            contextLength: device.model.contextLength, prefillChunk: prefillChunk, maxSequences: maxSequences)
    }
}
