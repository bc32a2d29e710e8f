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
        resources.team.split(indices.count, with: (self, stream, indices, normed, resources)) { work, range in
            let (norm, stream, indices, normed, resources) = work
            let width = norm.model.hidden
            for place in range {
                resources.kernels.rms_norm(
                    stream.values + indices[place] * width, Int64(width), norm.weight, norm.model.epsilon, 1,
                    Int64(width), normed.values + place * width, Int64(width))
            }
        }
        return normed
    }
}
