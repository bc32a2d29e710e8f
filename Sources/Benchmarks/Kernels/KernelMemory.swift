import Platform

/// Data for kernels: numbers that are neither 0 nor huge, whatever type they are read as.
final class KernelMemory: @unchecked Sendable {
    // Unchecked: the members of a team write to separate parts.
    let base: UnsafeMutableRawPointer
    /// Every byte: 60 as an integer, about 1.06 in half precision and 0.011 in single precision.
    private static let pattern: UInt8 = 0x3C

    /// - Parameter largePages: whether to ask for pages of 2 MiB, as for the KV cache and not for weights.
    init(byteCount: Int, largePages: Bool = false) {
        let bytes = max(64, byteCount)
        base = .allocate(byteCount: bytes, alignment: largePages ? 2 << 20 : 64)
        if largePages { LargePages.advise(base, bytes) }
        base.initializeMemory(as: UInt8.self, repeating: Self.pattern, count: bytes)
    }

    /// `count` numbers, all equal to `value`.
    convenience init(floats count: Int, _ value: Float) {
        self.init(byteCount: count * MemoryLayout<Float>.stride)
        self.floats.update(repeating: value, count: count)
    }

    deinit { base.deallocate() }

    /// The memory as floats.
    var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
}
