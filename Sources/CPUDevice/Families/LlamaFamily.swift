/// Llama, Mistral, SmolLM: no biases. Query and key weights are stored so that neighbouring dimensions are rotated.
struct LlamaFamily: ModelFamily {
    let architecture = "llama"
    let rotation = Rotation.interleaved
    let hasAttentionBias = false
    let hasQueryKeyNorm = false
}
