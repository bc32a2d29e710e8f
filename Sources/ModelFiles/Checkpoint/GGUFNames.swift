/// GGUF's names for hyperparameters and tensors, as in the format's specification (ggml, docs/gguf.md) and in
/// llama.cpp's converter.
enum GGUFNames {
    static let architecture = "general.architecture"

    /// Architectures for which the converter permutes the rows of each head in the query and key matrices, so that
    /// neighbouring dimensions are rotated together.
    static let interleaved: Set = ["llama"]

    /// A hyperparameter's key, without the architecture's prefix.
    static func key(_ parameter: Hyperparameter) -> String {
        switch parameter {
        case .layers: "block_count"
        case .hidden: "embedding_length"
        case .feedForward: "feed_forward_length"
        case .contextLength: "context_length"
        case .heads: "attention.head_count"
        case .kvHeads: "attention.head_count_kv"
        case .keyWidth: "attention.key_length"
        case .valueWidth: "attention.value_length"
        case .slidingWindow: "attention.sliding_window"
        case .rmsEpsilon: "attention.layer_norm_rms_epsilon"
        case .rotaryBase: "rope.freq_base"
        case .rotaryWidth: "rope.dimension_count"
        case .rotaryScaling: "rope.scaling.type"
        case .rotaryFactor: "rope.scaling.factor"
        case .rotaryLinearFactor: "rope.scale_linear"
        case .experts: "expert_count"
        }
    }

    /// A tensor's name, without its layer and its kind.
    static func tensor(_ part: TensorRole.Part) -> String {
        switch part {
        case .tokenEmbedding: "token_embd"
        case .finalNorm: "output_norm"
        case .outputHead: "output"
        case .rotaryFactors: "rope_freqs"
        case .attentionNorm: "attn_norm"
        case .query: "attn_q"
        case .key: "attn_k"
        case .value: "attn_v"
        case .queryNorm: "attn_q_norm"
        case .keyNorm: "attn_k_norm"
        case .attentionSinks: "attn_sinks"
        case .attentionOutput: "attn_output"
        case .postAttentionNorm: "post_attention_norm"
        case .feedForwardNorm: "ffn_norm"
        case .gate: "ffn_gate"
        case .up: "ffn_up"
        case .down: "ffn_down"
        case .postFeedForwardNorm: "post_ffw_norm"
        case .router: "ffn_gate_inp"
        case .routerSelection: "exp_probs_b"
        case .expertGates: "ffn_gate_exps"
        case .expertUps: "ffn_up_exps"
        case .expertDowns: "ffn_down_exps"
        case .sharedGate: "ffn_gate_shexp"
        case .sharedUp: "ffn_up_shexp"
        case .sharedDown: "ffn_down_shexp"
        case .sharedRouter: "ffn_gate_inp_shexp"
        }
    }
}
