import ModelFiles

/// The features that distinguish one model family from the others: a row of the table below. A family that needs no new
/// kind of layer is one more row.
package struct ModelFamily: Sendable {
    /// The family's name in checkpoints.
    package let architecture: String
    /// Whether query, key and value projections have biases.
    var hasInputBias = false
    /// How queries and keys are normed before they are rotated; nil: not normed.
    var queryKeyNorm: QueryKeyNorm.Extent?

    /// All families. Each has RMS norms before both branches, grouped queries, rotary positions, and a feed-forward
    /// with a SiLU gate.
    package static let all = [
        // Llama, Mistral, SmolLM.
        ModelFamily(architecture: "llama"),
        // Qwen2 and Qwen2.5.
        ModelFamily(architecture: "qwen2", hasInputBias: true),
        // Qwen3, dense.
        ModelFamily(architecture: "qwen3", queryKeyNorm: .head),
    ]

    /// The family with the name `architecture`.
    static func named(_ architecture: String) throws(ModelPlanError) -> ModelFamily {
        for family in all where family.architecture == architecture { return family }
        let known = all.map(\.architecture).joined(separator: ", ")
        throw ModelPlanError(.unknownFamily, "model family '\(architecture)' is not supported; supported: \(known)")
    }

    /// Hyperparameters that would change the computation and that no family supports.
    private static let unused: [Hyperparameter] = [.experts, .slidingWindow]

    /// Turns a checkpoint of this family into a plan.
    func plan(of checkpoint: any Checkpoint) throws -> ModelPlan {
        let sizes = try DecoderSizes(checkpoint)
        let norm = NormSpec(epsilon: try checkpoint.requiredFloat(.rmsEpsilon))
        guard norm.epsilon >= 0, norm.epsilon < 1 else {
            throw ModelPlanError(.badConfiguration, "the norm epsilon is \(norm.epsilon); it must lie in 0..<1")
        }
        for parameter in Self.unused {
            guard let value = try checkpoint.integer(parameter), value > 0 else { continue }
            throw ModelPlanError(
                .unsupportedFeature, "'\(checkpoint.key(of: parameter))' is \(value); only 0 is supported")
        }
        if let width = try checkpoint.integer(.valueWidth), width != sizes.headDim {
            throw ModelPlanError(
                .badConfiguration,
                "'\(checkpoint.key(of: .valueWidth))' is \(width), but keys are \(sizes.headDim) wide")
        }
        let rotation = try RotarySpec(checkpoint, headDim: sizes.headDim)
        return ModelPlan(
            architecture: architecture, name: try checkpoint.name(), hidden: sizes.hidden,
            vocabulary: sizes.vocabulary, contextLength: sizes.contextLength,
            layers: Array(repeating: layer(sizes, norm, rotation), count: sizes.layers), finalNorm: norm,
            head: HeadSpec(isTied: sizes.hasTiedHead))
    }

    private func layer(_ sizes: DecoderSizes, _ norm: NormSpec, _ rotation: RotarySpec) -> LayerSpec {
        var attention = AttentionSpec(
            heads: sizes.heads, kvHeads: sizes.kvHeads, headDim: sizes.headDim, rotation: rotation)
        attention.hasInputBias = hasInputBias
        attention.queryKeyNorm = queryKeyNorm.map { QueryKeyNorm($0, epsilon: norm.epsilon) }
        return LayerSpec(
            attention: attention, feedForward: .dense(FeedForwardBlock(width: sizes.feedForward)),
            attentionNorms: BranchNorms(before: norm), feedForwardNorms: BranchNorms(before: norm))
    }
}
