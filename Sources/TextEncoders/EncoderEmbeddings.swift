/// The input of the first layer: for each token the sum of the token's, its position's and the first text type's
/// embedding, normed.
struct EncoderEmbeddings: Sendable {
    private let tokens: [Float]
    /// The embedding of each position plus that of the first text type.
    private let positions: [Float]
    private let norm: EncoderNorm
    private let width: Int

    init(_ tensors: EncoderTensors, _ model: EncoderConfiguration) throws {
        width = model.hidden
        tokens = try tensors.values("embeddings.word_embeddings.weight", shape: [model.vocabulary, width])
        let type = try tensors.values("embeddings.token_type_embeddings.weight", shape: [nil, width])
        var sums = try tensors.values("embeddings.position_embeddings.weight", shape: [model.longest, width])
        for index in sums.indices { sums[index] += type[index % width] }
        positions = sums
        norm = try EncoderNorm(tensors, "embeddings.LayerNorm", model)
    }

    /// Writes the hidden states of some rows.
    func run(_ rows: Range<Int>, _ batch: EncoderBatch, _ resources: EncoderResources) {
        for row in rows { embed(batch.tokens[row], at: batch.positions[row], to: row, resources) }
        norm.run(rows, resources)
    }

    private func embed(_ token: Int, at position: Int, to row: Int, _ resources: EncoderResources) {
        let out = resources.hidden.row(row)
        tokens.withUnsafeBufferPointer { tokens in
            out.update(from: tokens.baseAddress! + token * width, count: width)
        }
        positions.withUnsafeBufferPointer { positions in
            resources.kernels.add(out, positions.baseAddress! + position * width, Int64(width))
        }
    }
}
