import CKernels

/// The norm between the last layer and the output head.
struct FinalNorm {
    private let weight: [Float]
    private let model: ModelConfiguration

    init(_ store: WeightStore, model: ModelConfiguration) throws {
        weight = try store.vector("output_norm.weight", count: model.hidden)
        self.model = model
    }

    /// The given rows of the residual stream, normed, one after the other: [indices, hidden].
    func run(
        _ stream: Activations, rows indices: [Int], pool: ActivationPool, _ resources: StageResources
    ) -> Activations {
        let normed = pool.take(rows: indices.count, width: model.hidden)
        let width = Int64(model.hidden)
        resources.team.split(indices.count) { range in
            for place in range {
                resources.kernels.rms_norm(
                    stream.values + indices[place] * model.hidden, width, weight, model.epsilon, 1, width,
                    normed.values + place * model.hidden, width)
            }
        }
        return normed
    }
}
