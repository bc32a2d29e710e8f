/// The weights of one decoder layer.
struct LayerWeights: Sendable {
    let attentionNorm: [Float]
    let query: PackedMatrix
    let key: PackedMatrix
    let value: PackedMatrix
    /// Query, key and value biases side by side, in padded rows; nil if the family has none.
    let bias: [Float]?
    /// One weight a head dimension; nil if the family has none.
    let queryNorm: [Float]?
    let keyNorm: [Float]?
    let output: PackedMatrix
    let feedForwardNorm: [Float]
    let gate: PackedMatrix
    let up: PackedMatrix
    let down: PackedMatrix

    init(_ store: WeightStore, layer: Int, model: ModelConfiguration) throws {
        let prefix = "blk.\(layer)."
        let (hidden, wide) = (model.hidden, model.feedForward)
        attentionNorm = try store.vector(prefix + "attn_norm.weight", count: hidden)
        query = try store.matrix(prefix + "attn_q.weight", rows: model.queryWidth, columns: hidden)
        key = try store.matrix(prefix + "attn_k.weight", rows: model.kvWidth, columns: hidden)
        value = try store.matrix(prefix + "attn_v.weight", rows: model.kvWidth, columns: hidden)
        if model.hasAttentionBias {
            bias =
                try store.vector(prefix + "attn_q.bias", count: model.queryWidth)
                + store.vector(prefix + "attn_k.bias", count: model.kvWidth)
                + store.vector(prefix + "attn_v.bias", count: model.kvWidth)
        } else {
            bias = nil
        }
        let norms = model.hasQueryKeyNorm
        queryNorm = norms ? try store.vector(prefix + "attn_q_norm.weight", count: model.headDim) : nil
        keyNorm = norms ? try store.vector(prefix + "attn_k_norm.weight", count: model.headDim) : nil
        output = try store.matrix(prefix + "attn_output.weight", rows: hidden, columns: model.queryWidth)
        feedForwardNorm = try store.vector(prefix + "ffn_norm.weight", count: hidden)
        gate = try store.matrix(prefix + "ffn_gate.weight", rows: wide, columns: hidden)
        up = try store.matrix(prefix + "ffn_up.weight", rows: wide, columns: hidden)
        down = try store.matrix(prefix + "ffn_down.weight", rows: hidden, columns: wide)
    }
}
