import CKernels

/// A layer norm with its weights.
struct EncoderNorm: Sendable {
    private let weight: [Float]
    private let bias: [Float]
    private let epsilon: Float

    init(_ tensors: EncoderTensors, _ name: String, _ model: EncoderConfiguration) throws {
        weight = try tensors.values(name + ".weight", shape: [model.hidden])
        bias = try tensors.bias(name, count: model.hidden)
        epsilon = model.epsilon
    }

    /// Norms the hidden states of some rows in place, and makes their 8-bit form if products read it.
    func run(_ rows: Range<Int>, _ resources: EncoderResources) {
        let base = resources.hidden.row(rows.lowerBound)
        let width = Int64(weight.count)
        resources.kernels.layer_norm(base, width, weight, bias, epsilon, Int64(rows.count), width, base, width)
        resources.quantise(resources.hidden, rows)
    }
}
