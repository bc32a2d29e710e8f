extension ClusterDeployment {
    /// Bytes of weights on each device of a stage. The first stage holds the embedding. An output head that is tied to
    /// the embedding takes no more memory on the first stage, and is a copy on any other.
    public func weightBytes(ofStage stage: Int) -> Double {
        let embedding = stage == 0 ? model.headParameters : 0
        let head = stage == 0 && model.tiesEmbedding ? 0 : layout.vocabulary[stage] * model.hidden
        let weights = Double(layout.layers[stage]) * Double(model.layerParameters) + Double(embedding) + Double(head)
        return weights * settings.weights.bytesPerWeight / Double(plan.tensor)
    }

    /// Bytes of keys and values of one token on each device of a stage. Devices in excess of the key and value heads
    /// hold copies.
    public func cacheBytesPerToken(ofStage stage: Int) -> Double {
        let heads = (model.cacheHeads + plan.tensor - 1) / plan.tensor
        return Double(layout.layers[stage]) * Double(2 * heads * model.headSize) * settings.cacheBytes
    }

    /// The number of blocks in the KV pool. Each device offers `memoryShare` of its memory, less its weights; the
    /// device with room for the fewest blocks decides. The rest of the memory is the reserve for activations and the
    /// driver; 0.9 is the convention of vLLM.
    ///
    /// - Throws: `does_not_fit` if a device cannot hold its weights and one block; the message names the stage and the
    ///   sizes. `invalid_setting` for a block or a share outside its limits.
    public func blockCount(tokensPerBlock: Int = 16, memoryShare: Double = 0.9) throws(SimulationError) -> Int {
        guard tokensPerBlock > 0, memoryShare > 0, memoryShare <= 1 else {
            throw SimulationError(
                .invalidSetting,
                "blocks of \(tokensPerBlock) tokens in a share of \(memoryShare) of the memory were asked for; at "
                    + "least 1, and above 0 and at most 1, are needed")
        }
        let usable = Double(cluster.device.memoryBytes) * memoryShare
        var least = Double(1 << 40)
        for stage in 0..<layout.stages where layout.layers[stage] > 0 {
            let blockBytes = cacheBytesPerToken(ofStage: stage) * Double(tokensPerBlock)
            let blocks = ((usable - weightBytes(ofStage: stage)) / blockBytes).rounded(.down)
            guard blocks >= 1 else {
                throw SimulationError(
                    .doesNotFit,
                    "\(model.name) in \(settings.weights) does not fit \(cluster.name) as \(plan): stage \(stage) has "
                        + "\(Int(weightBytes(ofStage: stage)) >> 20) MiB of weights on each device, and "
                        + "\(Int(usable) >> 20) MiB are usable")
            }
            least = min(least, blocks)
        }
        return Int(least)
    }
}
