import ModelFiles
import ModelPlans

/// One decoder layer, assembled from its part of the plan: x += attention(norm(x)); x += feedForward(norm(x)).
///
/// A row's values depend on that row and, through the KV cache, on its own sequence alone. Sums run in the same order
/// in every batch (see CKernels), so a row's bits do not depend on the other rows of its batch.
struct DecoderLayer: Sendable {
    private let attentionNorm: RowNorm
    private let attention: Attention
    private let feedForwardNorm: RowNorm
    private let feedForward: GatedFeedForward

    /// - Parameter index: the layer's place in the model.
    init(_ store: WeightStore, model: CPUModel, index: Int) throws {
        let spec = model.plan.layers[index]
        attentionNorm = try RowNorm(store, TensorRole(.attentionNorm, layer: index), spec.attentionNorms.before)
        attention = try Attention(store, model: model, layer: index)
        feedForwardNorm = try RowNorm(store, TensorRole(.feedForwardNorm, layer: index), spec.feedForwardNorms.before)
        feedForward = try GatedFeedForward(store, model: model, layer: index)
    }

    func run(_ stream: Activations, _ layout: BatchLayout, _ resources: StageResources) {
        attentionNorm.run(stream, resources)
        attention.run(stream, layout, resources)
        feedForwardNorm.run(stream, resources)
        feedForward.run(stream, resources)
    }
}

/// The RMS norm before a branch of a layer.
struct RowNorm: Sendable {
    private let weight: [Float]
    private let epsilon: Float

    /// - Parameter spec: not nil in a plan that has passed the device's check.
    init(_ store: WeightStore, _ role: TensorRole, _ spec: NormSpec?) throws {
        guard let spec else { preconditionFailure("no norm for \(role)") }
        weight = try store.vector(role)
        epsilon = spec.epsilon
    }

    /// Norms the rows of the residual stream into `resources.hiddenInput`.
    func run(_ stream: Activations, _ resources: StageResources) {
        resources.team.split(stream.rows, with: (stream, weight, epsilon, resources)) { work, rows in
            let (stream, weight, epsilon, resources) = work
            let (input, width) = (resources.hiddenInput, Int64(stream.width))
            resources.kernels.rms_norm(
                stream.values + rows.lowerBound * stream.width, width, weight, epsilon, Int64(rows.count), width,
                input.row(rows.lowerBound), width)
            input.quantise(rows, with: resources.kernels)
        }
    }
}
