import CKernels

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
    private let memory: LargePages

    /// Tokens of one block.
    static let tokensPerBlock = Int(TW_KV_BLOCK)

    /// Elements from one block to the next.
    var blockStride: Int { layers * layerStride }
    private var layerStride: Int { kvHeads * headStride }
    /// Elements from one KV head to the next within a layer of a block.
    var headStride: Int { 2 * Int(TW_KV_BLOCK) * headDim }

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
        guard !overflow, let memory = LargePages(byteCount: max(bytes, 1)) else {
            throw TransformerError(
                .outOfMemory, "no address space for a KV cache of \(blockCount) blocks (\(bytes) bytes)")
        }
        self.memory = memory
        storage = memory.base.bindMemory(to: UInt16.self, capacity: bytes / 2)
    }

    /// Keys of one head of one layer (counted within the stage) in block 0; block b lies `blockStride` elements
    /// further.
    func keys(layer: Int, head: Int) -> UnsafeMutablePointer<UInt16> {
        storage + layer * layerStride + head * headStride
    }

    func values(layer: Int, head: Int) -> UnsafeMutablePointer<UInt16> {
        keys(layer: layer, head: head) + Int(TW_KV_BLOCK) * headDim
    }
}
