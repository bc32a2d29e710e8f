/// How activations enter matrix products. Weights keep the values of the model file in both precisions.
public enum Precision: String, Sendable, Hashable, CaseIterable {
    /// 8 bits in blocks of 32 with one scale each, for quantised weights; f32 for f32, f16 and bf16 weights. Fast.
    case int8
    /// f32 throughout.
    case f32
}
