extension ClusterDeployment {
    /// Bytes of weights on each device of a stage. The first stage holds the embedding; an output head that is tied
    /// to it takes no more memory there, and is a copy elsewhere.
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

    /// Blocks of the KV pool: what the device with the least room for them holds, of `memoryShare` of its memory less
    /// its weights. The rest of the memory is the reserve for activations and the driver; 0.9 is the convention of
    /// vLLM.
    ///
    /// - Throws: `does_not_fit` if a device cannot hold its weights and one block, and the message tells what it lacks;
    ///   `invalid_setting` for sizes that cannot be.
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
