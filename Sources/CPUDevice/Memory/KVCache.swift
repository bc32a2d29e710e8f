import CKernels
import ModelPlans
import Platform

/// The paged KV cache of the stages of one pipeline in this process: for each layer of the stages, the keys and values
/// of every block of the pool.
///
/// Layout: [layer][block][kv head]: keys, then values, as `tw_kv_type` tells. Keys are transposed, so that the 16
/// scores of a block accumulate in the lanes of a vector and need no sum across lanes. The bytes that a layer reads lie
/// within few pages.
final class KVCache: @unchecked Sendable {
    // Unchecked: the stage that computes a layer for a sequence reads and writes that sequence's blocks of the layer. A
    // sequence is in one stage at a time, and the links order the stages' accesses; within a stage the team's barrier
    // orders them.
    let blockCount: Int
    let type: KVType
    private let layers: Range<Int>
    private let kvHeads: Int
    private let memory: LargePages
    /// Bytes from one KV head to the next within a block.
    let headStride: Int

    /// Tokens of one block.
    static let tokensPerBlock = Int(TW_KV_BLOCK)

    private var layerStride: Int { blockCount * blockStride }
    /// Bytes from one block to the next within a layer.
    var blockStride: Int { kvHeads * headStride }

    /// Bytes of one block over some layers.
    static func bytesPerBlock(_ layers: some Sequence<LayerSpec>, type: KVType) -> Int {
        layers.reduce(0) { $0 + type.headBytes(headDim: $1.attention.headDim) * $1.attention.kvHeads }
    }

    /// Reserves address space; the system commits a page when it is first written.
    init(
        model: CPUModel, layers: Range<Int>, blockCount: Int, type: KVType
    ) throws(DeviceError) {
        self.blockCount = blockCount
        self.type = type
        self.layers = layers
        kvHeads = model.sizes.kvHeads
        headStride = type.headBytes(headDim: model.sizes.headDim)
        let (bytes, overflow) = Self.bytesPerBlock(model.plan.layers[layers], type: type)
            .multipliedReportingOverflow(by: blockCount)
        guard !overflow, let memory = LargePages(byteCount: max(bytes, 1)) else {
            throw DeviceError(
                .outOfMemory, "no address space for a KV cache of \(blockCount) blocks (\(bytes) bytes)")
        }
        self.memory = memory
    }

    /// One head of one layer of the model in block 0; the head in block b lies b * `blockStride` bytes further.
    func head(_ head: Int, layer: Int) -> UnsafeMutablePointer<UInt8> {
        memory.base.assumingMemoryBound(to: UInt8.self) + (layer - layers.lowerBound) * layerStride + head * headStride
    }
}
