import Platform

/// Memory of packed matrices. The matrices lie next to each other in large pages in the order in which they are packed,
/// which is the order in which a step streams them.
package final class PackedMemory {
    /// Bytes of one matrix, 64-byte aligned. The memory lives as long as any copy of the piece.
    struct Piece: @unchecked Sendable {
        // Unchecked: written once while a matrix is built, then only read.
        let base: UnsafeMutableRawPointer
        fileprivate let slab: LargePages
    }
    private var slab: LargePages?
    private var used = 0
    private var capacity = 0

    /// Bytes of address space that one slab reserves; pages that are never written cost no memory.
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
