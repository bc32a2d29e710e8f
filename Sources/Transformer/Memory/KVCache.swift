import CKernels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A stage's share of the paged KV cache: for each of its layers, the keys and values of every block of the pool, in
/// half precision.
///
/// Layout: [block][layer][kv head]: keys [head dim][16 tokens], then values [16 tokens][head dim]. Keys lie transposed
/// so that the 16 scores of a block are two vectors of sums, without a sum across lanes.
final class KVCache: @unchecked Sendable {
    // Unchecked: one stage's thread team uses it, in turns that the team's barrier orders.
    let blockCount: Int
    private let layers: Int
    private let kvHeads: Int
    private let headDim: Int
    private let storage: UnsafeMutablePointer<UInt16>
    private let byteCount: Int

    /// Tokens of one block.
    static let tokensPerBlock = Int(TW_KV_BLOCK)

    /// Elements from one block to the next.
    var blockStride: Int { layers * layerStride }
    private var layerStride: Int { kvHeads * headStride }
    private var headStride: Int { 2 * Int(TW_KV_BLOCK) * headDim }

    /// Bytes of one block over `layers` layers.
    static func bytesPerBlock(_ model: ModelConfiguration, layers: Int) -> Int {
        2 * Int(TW_KV_BLOCK) * model.kvWidth * layers * MemoryLayout<UInt16>.size
    }

    /// Reserves address space; the system commits a page when it is first written.
    init(model: ModelConfiguration, layers: Int, blockCount: Int) throws(TransformerError) {
        self.blockCount = blockCount
        self.layers = layers
        kvHeads = model.kvHeads
        headDim = model.headDim
        let (bytes, overflow) = Self.bytesPerBlock(model, layers: layers).multipliedReportingOverflow(by: blockCount)
        byteCount = max(bytes, 4096)
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard !overflow, let base = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0), base != MAP_FAILED
        else {
            throw TransformerError(
                .outOfMemory, "no address space for a KV cache of \(blockCount) blocks (\(bytes) bytes)")
        }
        storage = base.bindMemory(to: UInt16.self, capacity: byteCount / 2)
    }

    deinit { munmap(storage, byteCount) }

    /// Keys of one head of one layer (counted within the stage) in block 0; block b lies `blockStride` elements
    /// further.
    func keys(layer: Int, head: Int) -> UnsafeMutablePointer<UInt16> {
        storage + layer * layerStride + head * headStride
    }

    func values(layer: Int, head: Int) -> UnsafeMutablePointer<UInt16> {
        keys(layer: layer, head: head) + Int(TW_KV_BLOCK) * headDim
    }
}
