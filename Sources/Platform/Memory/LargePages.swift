#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Zeroed memory that the system commits when it is first written, in pages of 2 MiB where the system has them:
/// scattered reads then hit the TLB, and the hardware prefetcher runs on past 4 KiB.
package final class LargePages: @unchecked Sendable {
    // Unchecked: only hands out an address; the owner orders accesses to the memory.
    package let base: UnsafeMutableRawPointer
    private let mapping: UnsafeMutableRawPointer
    private let mappedBytes: Int

    private static let pageBytes = 2 << 20

    /// Nil if there is no address space for `byteCount` bytes.
    package init?(byteCount: Int) {
        let (bytes, overflow) = byteCount.addingReportingOverflow(Self.pageBytes)
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard !overflow, let mapping = mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, -1, 0), mapping != MAP_FAILED
        else { return nil }
        self.mapping = mapping
        mappedBytes = bytes
        base = mapping.alignedUp(toMultipleOf: Self.pageBytes)
        Self.advise(base, byteCount)
    }

    /// Asks for large pages under memory that begins at a multiple of 2 MiB. This is a hint: a system without large
    /// pages uses its normal ones.
    package static func advise(_ base: UnsafeMutableRawPointer, _ byteCount: Int) {
        #if canImport(Glibc)
            _ = madvise(base, byteCount, MADV_HUGEPAGE)
        #endif
    }

    deinit { munmap(mapping, mappedBytes) }
}
