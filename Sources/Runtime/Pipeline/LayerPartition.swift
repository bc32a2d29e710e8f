import Scheduling
import StageDevices

/// How a model is divided among pipeline stages.
package enum LayerPartition {
    /// Layers of each stage, as even as possible; earlier stages take more. Most prefill rows pass only the layers, not
    /// the head, so this balances prefill.
    package static func layerCounts(_ layers: Int, stages: Int) throws(RuntimeError) -> [Int] {
        guard stages >= 1, stages <= layers else {
            throw RuntimeError(
                .badStageCount, "\(stages) stages were asked for; the model's \(layers) layers allow 1...\(layers)")
        }
        return (0..<stages).map { layers / stages + ($0 < layers % stages ? 1 : 0) }
    }

    /// Parts of a model for stages that share no work: the last stage computes the whole output head. Layers are dealt
    /// such that, for a row that passes the layers and draws a token, the most expensive stage is as cheap as possible.
    /// This balances decode, at the expense of prompts, most of whose rows draw nothing.
    /// - Parameter vocabulary: tokens of the model.
    package static func separate(
        layers: Int, stages: Int, vocabulary: Int, costs: StageCosts
    ) throws(RuntimeError) -> [LayerRange] {
        var counts = try layerCounts(layers, stages: stages).map { _ in 1 }
        // All layers cost the same, so it is optimal to give each next layer to the cheapest stage so far.
        for _ in stages..<layers {
            let costs = counts.indices.map {
                Double(counts[$0]) * costs.layer + ($0 == stages - 1 ? costs.head : 0)
            }
            counts[costs.indices.min { costs[$0] < costs[$1] }!] += 1
        }
        var layer = 0
        return counts.enumerated().map { stage, count in
            defer { layer += count }
            let isLast = stage == stages - 1
            return LayerRange(
                layers: layer..<layer + count, vocabulary: isLast ? 0..<vocabulary : 0..<0, hasEmbedding: stage == 0,
                hasFinalNorm: isLast)
        }
    }

    /// Parts of a model with the given layers, for stages that share work. The vocabulary is dealt such that, for a row
    /// that passes the layers and draws a token, the most expensive stage is as cheap as possible: this balances
    /// decode. A stage with many layers may get no share. Beyond its own part, a stage may compute its neighbours'
    /// nearest layers (`WorkSharing.sharedLayers`) and all of the head, since such stages have weights and KV cache in
    /// common.
    ///
    /// - Parameters:
    ///   - layerCounts: layers of each stage; at least one stage.
    ///   - vocabulary: tokens of the model.
    ///   - vocabularyUnit: tokens that the device computes together.
    package static func balanced(
        layerCounts: [Int], vocabulary: Int, costs: StageCosts, vocabularyUnit: Int
    ) -> [LayerRange] {
        let shares = vocabularyShares(layerCounts, vocabulary: vocabulary, costs: costs, unit: vocabularyUnit)
        var layer = 0
        return layerCounts.enumerated().map { stage, count in
            defer { layer += count }
            let previous = stage > 0 ? WorkSharing.sharedLayers(of: layerCounts[stage - 1]) : 0
            let next = stage + 1 < layerCounts.count ? WorkSharing.sharedLayers(of: layerCounts[stage + 1]) : 0
            return LayerRange(
                layers: layer..<layer + count, vocabulary: shares[stage],
                layerReach: layer - previous..<layer + count + next,
                vocabularyReach: 0..<vocabulary,
                hasEmbedding: stage == 0, hasFinalNorm: stage == layerCounts.count - 1)
        }
    }

    /// Consecutive shares, cut at multiples of `unit`.
    private static func vocabularyShares(
        _ layerCounts: [Int], vocabulary: Int, costs: StageCosts, unit: Int
    ) -> [Range<Int>] {
        let units = (vocabulary + unit - 1) / unit
        let unitCost = costs.head / Double(max(1, units))
        var dealt = [Int](repeating: 0, count: layerCounts.count)
        // All units cost the same, so it is optimal to give each next unit to the stage that is then the cheapest.
        for _ in 0..<units {
            let after = dealt.indices.map { Double(layerCounts[$0]) * costs.layer + Double(dealt[$0] + 1) * unitCost }
            dealt[after.indices.min { after[$0] < after[$1] }!] += 1
        }
        var first = 0
        return dealt.map { count in
            defer { first += count }
            return min(first * unit, vocabulary)..<min((first + count) * unit, vocabulary)
        }
    }
}
