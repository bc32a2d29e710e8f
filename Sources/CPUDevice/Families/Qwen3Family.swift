/// Qwen3 (dense): RMS norm on each query and key head, head width free of the hidden width.
struct Qwen3Family: ModelFamily {
    let architecture = "qwen3"
    let rotation = Rotation.halves
    let hasAttentionBias = false
    let hasQueryKeyNorm = true
}
