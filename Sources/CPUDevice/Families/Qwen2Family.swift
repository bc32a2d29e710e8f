/// Qwen2 and Qwen2.5: biases on query, key and value.
struct Qwen2Family: ModelFamily {
    let architecture = "qwen2"
    let rotation = Rotation.halves
    let hasAttentionBias = true
    let hasQueryKeyNorm = false
}
