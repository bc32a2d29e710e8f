import CKernels
import ModelFiles

/// The norm between the last layer and the output head.
struct FinalNorm {
    private let weight: [Float]
    private let epsilon: Float

    init(_ store: WeightStore, model: CPUModel) throws {
        weight = try store.vector(TensorRole(.finalNorm))
        epsilon = model.plan.finalNorm.epsilon
    }

    /// The normed rows of the residual stream at `indices`, one after the other: [indices, hidden].
    func run(
        _ stream: Activations, rows indices: [Int], pool: ActivationPool, _ resources: StageResources
    ) -> Activations {
        let normed = pool.take(rows: indices.count, width: stream.width)
        resources.team.split(indices.count, with: (self, stream, indices, normed, resources)) { work, range in
            let (norm, stream, indices, normed, resources) = work
            let width = stream.width
            for place in range {
                resources.kernels.rms_norm(
                    stream.values + indices[place] * width, Int64(width), norm.weight, norm.epsilon, 1,
                    Int64(width), normed.values + place * width, Int64(width))
            }
        }
        return normed
    }
}
