import ModelFiles
import TestTools

/// Recipe of a small random model that needs no file. Equal recipes give equal bytes.
public struct TinyModel: Sendable {
    public var family = "llama"
    public var layers = 4
    public var hidden = 64
    public var heads = 4
    public var kvHeads = 2
    /// nil: hidden / heads, and no key in the file.
    public var headDim: Int?
    public var feedForward = 96
    public var vocabulary = 200
    public var contextLength = 512
    /// Types of the matrices of the layers, one after the other.
    public var types: [TensorType] = [.q4_1, .q8_0, .q5_1, .f16, .q5_0, .q4_0]
    public var seed: UInt64 = 1

    public init() {}

    /// The model as a file under construction.
    public var builder: GGUFBuilder {
        var random = SplitMix(seed: seed)
        var out = GGUFBuilder()
        writeMetadata(&out)
        out[tensor: "token_embd.weight"] = .random(
            .q8_0, rows: vocabulary, columns: hidden, deviation: 1, using: &random)
        for layer in 0..<layers { writeLayer(layer, &out, &random) }
        out[tensor: "output_norm.weight"] = norm(hidden, &random)
        // Peaked enough that greedy answers differ from prompt to prompt.
        out[tensor: "output.weight"] = matrix(.q8_0, vocabulary, hidden, gain: 3, &random)
        return out
    }

    /// The model, ready to load.
    public func checkpoint() throws -> GGUFCheckpoint { try builder.checkpoint() }

    private func writeMetadata(_ out: inout GGUFBuilder) {
        out["general.architecture"] = .string(family)
        let sizes = [
            ("block_count", layers), ("embedding_length", hidden), ("feed_forward_length", feedForward),
            ("attention.head_count", heads), ("attention.head_count_kv", kvHeads), ("context_length", contextLength),
        ]
        for (key, size) in sizes { out["\(family).\(key)"] = .integer(UInt32(size)) }
        if let headDim { out["\(family).attention.key_length"] = .integer(UInt32(headDim)) }
        out["\(family).attention.layer_norm_rms_epsilon"] = .float(1e-5)
    }

    private func writeLayer(_ layer: Int, _ out: inout GGUFBuilder, _ random: inout SplitMix) {
        let width = headDim ?? hidden / heads
        let (queries, keys) = (heads * width, kvHeads * width)
        let shapes = [
            ("attn_q", queries, hidden), ("attn_k", keys, hidden), ("attn_v", keys, hidden),
            ("attn_output", hidden, queries), ("ffn_gate", feedForward, hidden), ("ffn_up", feedForward, hidden),
            ("ffn_down", hidden, feedForward),
        ]
        for (index, (name, rows, columns)) in shapes.enumerated() {
            let type = types[(index + layer) % types.count]
            out[tensor: "blk.\(layer).\(name).weight"] = matrix(type, rows, columns, gain: 1, &random)
        }
        out[tensor: "blk.\(layer).attn_norm.weight"] = norm(hidden, &random)
        out[tensor: "blk.\(layer).ffn_norm.weight"] = norm(hidden, &random)
        if family == "qwen2" {
            for (name, count) in [("attn_q", queries), ("attn_k", keys), ("attn_v", keys)] {
                let bias = random.normal(count, deviation: 0.3)
                out[tensor: "blk.\(layer).\(name).bias"] = .init(shape: [count], floats: bias)
            }
        }
        if family == "qwen3" {
            out[tensor: "blk.\(layer).attn_q_norm.weight"] = norm(width, &random)
            out[tensor: "blk.\(layer).attn_k_norm.weight"] = norm(width, &random)
        }
    }

    /// A matrix that keeps the size of its input, times `gain`.
    private func matrix(
        _ type: TensorType, _ rows: Int, _ columns: Int, gain: Float, _ random: inout SplitMix
    ) -> GGUFBuilder.Tensor {
        let deviation = gain / Float(columns).squareRoot()
        return .random(type, rows: rows, columns: columns, deviation: deviation, using: &random)
    }

    private func norm(_ count: Int, _ random: inout SplitMix) -> GGUFBuilder.Tensor {
        .init(shape: [count], floats: (0..<count).map { _ in Float.random(in: 0.5...1.5, using: &random) })
    }
}
