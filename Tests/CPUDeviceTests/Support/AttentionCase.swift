import CKernels
import TestTools

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One sequence's keys and values in a paged cache of shuffled blocks, laid out as `KVCache` lays it out, and queries for
/// its last rows.
struct AttentionCase {
    let type: tw_kv_type
    let headDim: Int
    let kvHeads: Int
    let group: Int
    let firstPosition: Int
    let rows: Int
    let scale: Float
    private(set) var blocks: [Int32] = []
    /// [block][layer][KV head]: keys, then values, then the scales of bytes.
    private var cache: [UInt8]
    /// [row][KV head][group][headDim]
    var queries: [Float]

    var positions: Int { firstPosition + rows }
    /// Elements of one row's queries.
    var width: Int { kvHeads * group * headDim }
    private var headStride: Int { Int(tw_kv_head_bytes(type, Int64(headDim))) }
    private var blockStride: Int { Self.layers * kvHeads * headStride }
    /// Layers of the cache; the second one is attended to.
    private static let layers = 2

    /// Random keys, values and queries.
    init(
        _ type: tw_kv_type = TW_KV_F16, headDim: Int, kvHeads: Int = 1, group: Int, firstPosition: Int, rows: Int,
        seed: UInt64, with kernels: KernelSet
    ) {
        var random = SplitMix(seed: seed)
        let queries = random.normal(rows * kvHeads * group * headDim, deviation: 2)
        self.init(
            type, headDim: headDim, kvHeads: kvHeads, group: group, firstPosition: firstPosition, rows: rows,
            queries: queries, with: kernels
        ) { _ in (random.normal(kvHeads * headDim, deviation: 2), random.normal(kvHeads * headDim)) }
    }

    /// - Parameter stored: the key and the value of each position, of all KV heads.
    init(
        _ type: tw_kv_type = TW_KV_F16, headDim: Int, kvHeads: Int = 1, group: Int, firstPosition: Int, rows: Int,
        queries: [Float], with kernels: KernelSet, stored: (Int) -> (key: [Float], value: [Float])
    ) {
        (self.type, self.headDim, self.kvHeads, self.group) = (type, headDim, kvHeads, group)
        (self.firstPosition, self.rows, self.queries) = (firstPosition, rows, queries)
        scale = 1 / Float(headDim).squareRoot()
        var random = SplitMix(seed: UInt64(rows))
        let poolBlocks = (firstPosition + rows + 15) / 16 + 2
        blocks = Array((0..<Int32(poolBlocks)).shuffled(using: &random).dropLast(2))
        // Slots that no position has been written to hold NaN (of either width), as a used block of a pool may.
        cache = []
        cache = [UInt8](repeating: 0xFF, count: poolBlocks * blockStride)
        for position in 0..<positions {
            let (key, value) = stored(position)
            for head in 0..<kvHeads {
                let place = offset(position, head)
                let part = head * headDim..<(head + 1) * headDim
                cache.withUnsafeMutableBufferPointer { cache in
                    let base = cache.baseAddress! + place
                    kernels.table.store_kv(
                        type, Array(key[part]), Array(value[part]), Int64(headDim), Int64(position % 16), base)
                }
            }
        }
    }

    /// Rows and KV heads of the case, attended in one call; [rows][KV heads][group][headDim].
    func attend(_ range: Range<Int>? = nil, heads: Range<Int>? = nil, with kernels: KernelSet) -> [Float] {
        let (range, heads) = (range ?? 0..<rows, heads ?? 0..<kvHeads)
        let part = heads.count * group * headDim
        // Outputs in rows of the whole width, as in a stage; the others stay as they are.
        var out = [Float](repeating: 7, count: range.count * width)
        let needed = tw_attention_scratch(type, Int64(headDim), Int64(heads.count * range.count * group))
        var scratch = [Float](repeating: .nan, count: Int(needed))
        let first = heads.lowerBound * group * headDim
        queries.withUnsafeBufferPointer { q in
            out.withUnsafeMutableBufferPointer { out in
                scratch.withUnsafeMutableBufferPointer { scratch in
                    withCache(head: heads.lowerBound) { cache, blocks in
                        var job = tw_attention()
                        job.q = q.baseAddress! + range.lowerBound * width + first
                        job.q_stride = Int64(width)
                        job.out = out.baseAddress! + first
                        job.out_stride = Int64(width)
                        job.rows = Int64(range.count)
                        job.first_position = Int64(firstPosition + range.lowerBound)
                        job.heads = Int64(heads.count)
                        job.group = Int64(group)
                        job.head_dim = Int64(headDim)
                        job.blocks = blocks
                        (job.kv_type, job.cache) = (type, cache)
                        job.block_stride = Int64(blockStride)
                        job.head_stride = Int64(headStride)
                        job.scale = scale
                        job.scratch = scratch.baseAddress
                        kernels.table.attend(&job)
                    }
                }
            }
        }
        return (0..<range.count).flatMap { row in
            precondition(out[row * width..<row * width + first].allSatisfy { $0 == 7 }, "another head was written")
            precondition(
                out[row * width + first + part..<(row + 1) * width].allSatisfy { $0 == 7 }, "another head was written")
            return out[row * width + first..<row * width + first + part]
        }
    }

    private func withCache(head: Int, _ body: (UnsafePointer<UInt8>, UnsafePointer<Int32>) -> Void) {
        cache.withUnsafeBufferPointer { cache in
            blocks.withUnsafeBufferPointer { body(cache.baseAddress! + (kvHeads + head) * headStride, $0.baseAddress!) }
        }
    }

    /// By definition, in f64, with a bound on what f32 may be off by, and on what rounding a block's weights to bytes may
    /// add; [row][KV head][group][headDim].
    func reference() -> (values: [Double], bound: [Double]) {
        var result: (values: [Double], bound: [Double]) = ([], [])
        for line in 0..<rows * kvHeads * group {
            let visible = firstPosition + line / (kvHeads * group) + 1
            let head = line / group % kvHeads
            let query = attended(Array(queries[line * headDim..<(line + 1) * headDim]))
            var scores: [Double] = []
            var scoreError = 0.0
            for position in 0..<visible {
                let terms = zip(query, key(position, head)).map { $0 * $1 }
                scores.append(terms.reduce(0, +) * Double(scale))
                let size = terms.reduce(0) { $0 + abs($1) } * Double(scale)
                scoreError = max(scoreError, size * Double(headDim + 2) * unitRoundoff)
            }
            let highest = scores.max()!
            let weights = scores.map { exp($0 - highest) }
            let total = weights.reduce(0, +)
            // Scores move weights by their error, up and down; each block adds a few roundings and each position one.
            let relative = 2 * scoreError + Double(visible + 8 * blocks.count + 16) * unitRoundoff
            let stored = (0..<visible).map { value($0, head) }
            let steps = weightSteps(weights, head)
            for dimension in 0..<headDim {
                let sum = (0..<visible).reduce(0) { $0 + weights[$1] * stored[$1][dimension] }
                let size = (0..<visible).reduce(0) { $0 + weights[$1] * abs(stored[$1][dimension]) }
                let rounding = (0..<visible).reduce(0) { $0 + steps[$1] / 2 * abs(stored[$1][dimension]) }
                result.values.append(sum / total)
                result.bound.append((relative * size + rounding) / total)
            }
        }
        return result
    }

    /// The query that keys are multiplied with: where keys are bytes, the nearest of its 255 steps.
    private func attended(_ query: [Float]) -> [Double] {
        let largest = query.map(abs).max()!
        guard type == TW_KV_Q8, largest > 0 else { return query.map(Double.init) }
        return query.map { Double(($0 * (127 / largest)).rounded(.toNearestOrEven)) * Double(largest / 127) }
    }

    /// How far two neighbouring weights of a position lie apart once they are bytes: times the position's value scale, 254
    /// steps reach from 0 to the block's highest weight times the highest of its value scales.
    private func weightSteps(_ weights: [Double], _ head: Int) -> [Double] {
        guard type == TW_KV_Q8 else { return [Double](repeating: 0, count: weights.count) }
        return weights.indices.map { position in
            let block = position / 16 * 16..<min(position / 16 * 16 + 16, weights.count)
            let scales = block.map { valueScale($0, head) }
            let own = scales[position - block.lowerBound]
            return own > 0 ? weights[block].max()! * scales.max()! / 254 / own : 0
        }
    }

    static let types = [TW_KV_F16, TW_KV_Q8]

    /// Where a head's part of a position's block begins, in bytes.
    private func offset(_ position: Int, _ head: Int) -> Int {
        Int(blocks[position / 16]) * blockStride + (kvHeads + head) * headStride
    }

    func key(_ position: Int, _ head: Int) -> [Double] {
        let (place, slot) = (offset(position, head), position % 16)
        return (0..<headDim).map { d in
            guard type == TW_KV_Q8 else { return half(place, d * 16 + slot) }
            return Double(Int(cache[place + (d / 4 * 16 + slot) * 4 + d % 4]) - 128) * byteScale(place, slot)
        }
    }

    func value(_ position: Int, _ head: Int) -> [Double] {
        let (place, slot) = (offset(position, head), position % 16)
        return (0..<headDim).map { d in
            guard type == TW_KV_Q8 else { return half(place, (16 + slot) * headDim + d) }
            let byte = cache[place + 16 * paddedDim + (slot / 4 * paddedDim + d) * 4 + slot % 4]
            return Double(Int8(bitPattern: byte)) * byteScale(place, 16 + slot)
        }
    }

    /// Dimensions of a head as bytes are stored.
    private var paddedDim: Int { (headDim + 15) / 16 * 16 }

    private func valueScale(_ position: Int, _ head: Int) -> Double {
        byteScale(offset(position, head), 16 + position % 16)
    }

    private func half(_ place: Int, _ element: Int) -> Double {
        cache.withUnsafeBytes { bytes in
            Double(tw_half_to_float(bytes.loadUnaligned(fromByteOffset: place + 2 * element, as: UInt16.self)))
        }
    }

    /// Scale `index` of a head's part of a block: of the 16 keys, then of the values.
    private func byteScale(_ place: Int, _ index: Int) -> Double {
        cache.withUnsafeBytes { bytes in
            Double(bytes.loadUnaligned(fromByteOffset: place + 32 * paddedDim + 4 * index, as: Float.self))
        }
    }
}
