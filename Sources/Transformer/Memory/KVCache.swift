import CKernels

/// The paged KV cache of the stages of one pipeline in this process: for each of their layers, the keys and values of
/// every block of the pool, in half precision.
///
/// Layout: [layer][block][kv head]: keys [head dim][16 tokens], then values [16 tokens][head dim]. Keys lie transposed
/// so that the 16 scores of a block are two vectors of sums, without a sum across lanes. What a layer reads lies within
/// few pages.
final class KVCache: @unchecked Sendable {
    // Unchecked: whichever stage computes a layer for a sequence uses that sequence's blocks of it. A sequence is with one
    // stage at a time, and the links order their accesses; within a stage the team's barrier does.
    let blockCount: Int
    private let layers: Range<Int>
    private let kvHeads: Int
    private let headDim: Int
    private let storage: UnsafeMutablePointer<UInt16>
    private let memory: LargePages

    /// Tokens of one block.
    static let tokensPerBlock = Int(TW_KV_BLOCK)

    private var layerStride: Int { blockCount * blockStride }
    /// Elements from one block to the next within a layer.
    var blockStride: Int { kvHeads * headStride }
    /// Elements from one KV head to the next within a block.
    var headStride: Int { 2 * Int(TW_KV_BLOCK) * headDim }

    /// Bytes of one block over `layers` layers.
    static func bytesPerBlock(_ model: ModelConfiguration, layers: Int) -> Int {
        2 * Int(TW_KV_BLOCK) * model.kvWidth * layers * MemoryLayout<UInt16>.size
    }

    /// Reserves address space; the system commits a page when it is first written.
    init(model: ModelConfiguration, layers: Range<Int>, blockCount: Int) throws(TransformerError) {
        self.blockCount = blockCount
        self.layers = layers
        kvHeads = model.kvHeads
        headDim = model.headDim
        let (bytes, overflow) = Self.bytesPerBlock(model, layers: layers.count).multipliedReportingOverflow(
            by: blockCount)
        guard !overflow, let memory = LargePages(byteCount: max(bytes, 1)) else {
            throw TransformerError(
                .outOfMemory, "no address space for a KV cache of \(blockCount) blocks (\(bytes) bytes)")
        }
        self.memory = memory
        storage = memory.base.bindMemory(to: UInt16.self, capacity: bytes / 2)
    }

    /// Keys of one head of one layer of the model in block 0; block b lies `blockStride` elements further.
    func keys(layer: Int, head: Int) -> UnsafeMutablePointer<UInt16> {
        storage + (layer - layers.lowerBound) * layerStride + head * headStride
    }

    func values(layer: Int, head: Int) -> UnsafeMutablePointer<UInt16> {
        keys(layer: layer, head: head) + Int(TW_KV_BLOCK) * headDim
    }
}
