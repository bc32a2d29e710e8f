import CKernels

/// How the KV cache stores keys and values.
public enum KVType: String, Sendable, Hashable, CaseIterable {
    /// Half precision.
    case f16
    /// 8 bits with one scale (f32) for each token and KV head: about half the memory, and in decode half the bytes that
    /// attention reads. The rounding error is 1/254 of a vector's largest element at most. Queries are rounded alike,
    /// and a block's weights to 1/508 of the highest, so that all products are of whole numbers.
    case q8

    /// The kernels' constant for the type.
    package var kernelType: tw_kv_type { self == .f16 ? TW_KV_F16 : TW_KV_Q8 }

    /// Bytes of one KV head in a block of `TW_KV_BLOCK` tokens.
    package func headBytes(headDim: Int) -> Int { Int(tw_kv_head_bytes(kernelType, Int64(headDim))) }
}
