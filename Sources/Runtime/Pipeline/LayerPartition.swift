import Transformer

/// How the layers of a model are shared out among pipeline stages.
public enum LayerPartition {
    /// Contiguous ranges, at least one layer each, whose dearest stage is as cheap as can be. The embedding counts for
    /// the first stage and the output head for the last. Among equals, earlier stages take more layers.
    public static func balanced(layers: Int, stages: Int, costs: StageCosts) throws(RuntimeError) -> [LayerRange] {
        guard stages >= 1, stages <= layers else {
            throw RuntimeError(
                .badStageCount, "\(stages) stages were asked for; the model's \(layers) layers allow 1...\(layers)")
        }
        var counts = [Int](repeating: 1, count: stages)
        // All layers cost the same, so giving each next layer to the stage that it leaves cheapest is optimal.
        for _ in 0..<(layers - stages) {
            let after = counts.indices.map { cost(of: $0, layers: counts[$0] + 1, stages: stages, costs) }
            let cheapest = after.indices.min { after[$0] < after[$1] }!
            counts[cheapest] += 1
        }
        var first = 0
        return counts.enumerated().map { stage, count in
            defer { first += count }
            return LayerRange(
                layers: first..<first + count, hasEmbedding: stage == 0, hasHead: stage == stages - 1)
        }
    }

    /// Seconds of a stage that holds `layers` layers.
    static func cost(of stage: Int, layers: Int, stages: Int, _ costs: StageCosts) -> Double {
        Double(layers) * costs.layer + (stage == 0 ? costs.embedding : 0) + (stage == stages - 1 ? costs.head : 0)
    }
}
