import Scheduling
import StageDevices

/// The sizes of a run, worked out before anything is loaded.
package struct EnginePlan: Sendable {
    package let ranges: [LayerRange]
    package let configuration: EngineConfiguration

    /// - Parameters:
    ///   - kvMemory: bytes for keys and values over all stages.
    /// - Throws: `RuntimeError` if the model has too few layers or the pool holds no block, before anything is
    ///   measured; errors of the device.
    package init(
        device: any StageDevice, stages: Int, kvMemory: Int, prefillChunk: Int, maxSequences: Int
    ) throws {
        let model = device.sizes
        let tokens = device.tokensPerKVBlock
        let blocks = kvMemory / device.bytesPerKVBlock
        guard blocks >= 1 else {
            let message =
                "a KV pool of \(kvMemory) bytes holds no block; one block of \(tokens) tokens takes "
                + "\(device.bytesPerKVBlock) bytes with this model"
            throw RuntimeError(.kvPoolTooSmall, message)
        }
        let layerCounts = try LayerPartition.layerCounts(model.layers, stages: stages)
        // With one stage there is nothing to balance.
        let costs = stages == 1 ? StageCosts(layer: 1, head: 0) : try device.measureCosts()
        if let device = device as? any SharingDevice {
            ranges = LayerPartition.balanced(
                layerCounts: layerCounts, vocabulary: model.vocabulary, costs: costs,
                vocabularyUnit: device.vocabularyUnit)
        } else {
            ranges = try LayerPartition.separate(
                layers: model.layers, stages: stages, vocabulary: model.vocabulary, costs: costs)
        }
        // Blocks beyond those that all sequences together can fill would never be used.
        let most = maxSequences * ((model.contextLength + tokens - 1) / tokens)
        configuration = EngineConfiguration(
            stages: stages, tokensPerBlock: tokens, blockCount: min(blocks, most, Int(Int32.max)),
            contextLength: model.contextLength, prefillChunk: prefillChunk, maxSequences: maxSequences)
    }
}
