import CKernels
import CPUDevice

extension KernelMeasurement {
    /// Rows of a prompt in one call, as in a stage.
    private static let promptRows = 64

    /// Decode steps over a pool of blocks and over one sequence in a cache, and tiles of prompts.
    func attention(_ report: (KernelFigure) -> Void) {
        for (type, context) in KVType.allCases.flatMap({ type in options.contexts.map { (type, $0) } }) {
            for isCold in [true, false] {
                let pool = KernelPool(
                    bytes: isCold ? options.coldBytes : 0, context: context, members: timer.team.count, type: type)
                attention("decode attention", pool, rows: 1, heads: KernelPool.kvHeads, isCold: isCold, report)
                // A tile of a prompt reads each block once for many rows: memory speed hardly matters.
                guard !isCold else { continue }
                attention(
                    "prefill attention", pool, rows: min(Self.promptRows, context), heads: 1, isCold: false, report)
            }
        }
    }

    private func attention(
        _ name: String, _ pool: KernelPool, rows: Int, heads: Int, isCold: Bool, _ report: (KernelFigure) -> Void
    ) {
        let job = KernelAttention(kernels: set.table, pool: pool, rows: rows, heads: heads, members: timer.team.count)
        // Row r of a tile sees context - rows + r + 1 tokens; scores and values each take a multiplication and an
        // addition.
        let seen = (0..<rows).reduce(0) { $0 + pool.context - rows + $1 + 1 }
        let operations = Double(4 * seen * heads * KernelPool.group * KernelPool.headDim)
        let bytes = Double(pool.blocksOfSequence * heads * pool.headStride)
        // An 8-bit cache is multiplied in integer arithmetic.
        let limit: KernelFigure.Limit = pool.type == .f16 ? .f32 : .int8
        report(
            KernelFigure(
                kernels: set.name, name: name, format: pool.type.rawValue, rows: rows, context: pool.context,
                isCold: isCold,
                operations: operations, bytes: bytes, timing: timer.measure(job.run),
                least: ceilings.least(operations, limit, bytes: bytes, isCold: isCold)))
    }
}

/// Keys and values of some sequences in a paged pool, as `KVCache` lays them out: a model of 9 query heads on 3 KV
/// heads of width 64. Each member has sequences of its own.
final class KernelPool {
    static let kvHeads = 3
    static let group = 3
    static let headDim = 64
    /// A step goes through all sequences layer by layer.
    static let layers = 8

    let type: KVType
    var blockStride: Int { Self.layers * layerStride }
    var layerStride: Int { Self.kvHeads * headStride }
    var headStride: Int { type.headBytes(headDim: Self.headDim) }

    let context: Int
    /// The block tables of each member's sequences, one after the other.
    let blocks: [Int32]
    let sequencesOfMember: Int
    let layersInUse: Int
    let memory: KernelMemory
    var blocksOfSequence: Int { context / Int(TW_KV_BLOCK) }

    /// - Parameter bytes: the size of the pool; 0 for one layer of one sequence per member.
    init(bytes: Int, context: Int, members: Int, type: KVType) {
        (self.context, self.type) = (context, type)
        let blockStride = Self.layers * Self.kvHeads * type.headBytes(headDim: Self.headDim)
        let blocksOfSequence = context / Int(TW_KV_BLOCK)
        sequencesOfMember = max(1, bytes / blockStride / blocksOfSequence / members)
        layersInUse = bytes > 0 ? Self.layers : 1
        let count = sequencesOfMember * members * blocksOfSequence
        memory = KernelMemory(byteCount: count * blockStride, largePages: true)
        blocks = Self.shuffled(count)
    }

    /// 0 ..< count in a pseudo-random order, which is the same each time.
    private static func shuffled(_ count: Int) -> [Int32] {
        var list = (0..<Int32(count)).map { $0 }
        var state: UInt64 = 1
        for index in list.indices.dropFirst().reversed() {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            list.swapAt(index, Int((state >> 33) % UInt64(index + 1)))
        }
        return list
    }
}

/// Attention of the last rows of a sequence; a unit is one sequence in one layer.
struct KernelAttention {
    private let kernels: tw_kernels
    private let pool: KernelPool
    private let rows: Int
    private let heads: Int
    private let queries: [KernelMemory]
    private let outputs: [KernelMemory]
    private let scratch: [KernelMemory]
    private let cursors: [KernelCursor]

    init(kernels: tw_kernels, pool: KernelPool, rows: Int, heads: Int, members: Int) {
        (self.kernels, self.pool, self.rows, self.heads) = (kernels, pool, rows, heads)
        let width = KernelPool.kvHeads * KernelPool.group * KernelPool.headDim
        queries = (0..<members).map { _ in KernelMemory(byteCount: rows * width * 4) }
        outputs = (0..<members).map { _ in KernelMemory(byteCount: rows * width * 4) }
        let needed = tw_attention_scratch(
            pool.type.kernelType, Int64(KernelPool.headDim), Int64(heads * rows * KernelPool.group))
        scratch = (0..<members).map { _ in KernelMemory(byteCount: Int(needed) * 4) }
        cursors = (0..<members).map { _ in KernelCursor() }
    }

    func run(member: Int, units: Int) {
        let width = Int64(KernelPool.kvHeads * KernelPool.group * KernelPool.headDim)
        let cache = UnsafePointer(pool.memory.base.assumingMemoryBound(to: UInt8.self))
        pool.blocks.withUnsafeBufferPointer { blocks in
            let first = blocks.baseAddress! + member * pool.sequencesOfMember * pool.blocksOfSequence
            cursors[member].walk(units, of: pool.sequencesOfMember * pool.layersInUse, most: 1) { range in
                let (layer, sequence) = range.lowerBound.quotientAndRemainder(dividingBy: pool.sequencesOfMember)
                var job = tw_attention()
                job.q = UnsafePointer(queries[member].floats)
                job.q_stride = width
                job.out = outputs[member].floats
                job.out_stride = width
                job.rows = Int64(rows)
                job.first_position = Int64(pool.context - rows)
                job.heads = Int64(heads)
                job.group = Int64(KernelPool.group)
                job.head_dim = Int64(KernelPool.headDim)
                job.blocks = first + sequence * pool.blocksOfSequence
                job.kv_type = pool.type.kernelType
                job.cache = cache + layer * pool.layerStride
                job.block_stride = Int64(pool.blockStride)
                job.head_stride = Int64(pool.headStride)
                job.scale = 0.125
                job.scratch = scratch[member].floats
                kernels.attend(&job)
            }
        }
    }
}
