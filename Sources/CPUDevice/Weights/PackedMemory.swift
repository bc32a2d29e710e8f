import Platform

/// Memory of packed matrices, side by side in large pages in the order in which they are packed, which is that in which
/// a step streams them.
package final class PackedMemory {
    /// Some bytes, 64-byte aligned, kept for as long as somebody has the piece.
    struct Piece: @unchecked Sendable {
        // Unchecked: written once while a matrix is built, then only read.
        let base: UnsafeMutableRawPointer
        fileprivate let slab: LargePages
    }
    private var slab: LargePages?
    private var used = 0
    private var capacity = 0

    /// Address space that is reserved at a time; what is not written costs no memory.
    private static let slabBytes = 1 << 30

    package init() {}

    func take(_ byteCount: Int) throws(DeviceError) -> Piece {
        if slab == nil || byteCount > capacity - used {
            capacity = max(byteCount, Self.slabBytes)
            used = 0
            slab = LargePages(byteCount: capacity)
        }
        guard let slab else {
            throw DeviceError(.outOfMemory, "no address space for \(capacity) bytes of packed weights")
        }
        defer { used = (used + byteCount + 63) / 64 * 64 }
        return Piece(base: slab.base + used, slab: slab)
    }
}
