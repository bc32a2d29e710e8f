import CKernels
import TinyModels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One sequence's keys and values in a paged cache of shuffled blocks, and queries for its last rows.
struct AttentionCase {
    let headDim: Int
    let group: Int
    let firstPosition: Int
    let rows: Int
    let scale: Float
    private(set) var blocks: [Int32] = []
    private var keys: [UInt16]
    private var values: [UInt16]
    var queries: [Float]

    var positions: Int { firstPosition + rows }
    private var width: Int { group * headDim }
    private var blockStride: Int { 16 * headDim + 8 }

    /// Random keys, values and queries.
    init(headDim: Int, group: Int, firstPosition: Int, rows: Int, seed: UInt64, with kernels: KernelSet) {
        var random = SplitMix(seed: seed)
        let queries = random.normal(rows * group * headDim, deviation: 2)
        self.init(
            headDim: headDim, group: group, firstPosition: firstPosition, rows: rows, queries: queries, with: kernels
        ) { _ in (random.normal(headDim, deviation: 2), random.normal(headDim)) }
    }

    /// - Parameter stored: the key and the value of each position.
    init(
        headDim: Int, group: Int, firstPosition: Int, rows: Int, queries: [Float], with kernels: KernelSet,
        stored: (Int) -> (key: [Float], value: [Float])
    ) {
        (self.headDim, self.group, self.firstPosition, self.rows) = (headDim, group, firstPosition, rows)
        self.queries = queries
        scale = 1 / Float(headDim).squareRoot()
        var random = SplitMix(seed: UInt64(rows))
        let poolBlocks = (firstPosition + rows + 15) / 16 + 2
        blocks = Array((0..<Int32(poolBlocks)).shuffled(using: &random).dropLast(2))
        // Slots that no position has been written to hold NaN, as a used block of a pool may.
        keys = [UInt16](repeating: 0x7E00, count: poolBlocks * (16 * headDim + 8))
        values = keys
        for position in 0..<positions {
            let offset = Int(blocks[position / 16]) * blockStride
            let (key, value) = stored(position)
            keys.withUnsafeMutableBufferPointer { k in
                values.withUnsafeMutableBufferPointer { v in
                    kernels.table.store_kv(
                        key, value, Int64(headDim), Int64(position % 16), k.baseAddress! + offset,
                        v.baseAddress! + offset)
                }
            }
        }
    }

    /// Rows `range` of the case, attended in one call; [rows][group][headDim].
    func attend(_ range: Range<Int>? = nil, with kernels: KernelSet) -> [Float] {
        let range = range ?? 0..<rows
        var out = [Float](repeating: .nan, count: range.count * width)
        var scratch = [Float](repeating: .nan, count: 32 * headDim + 2 * range.count * group)
        queries.withUnsafeBufferPointer { q in
            out.withUnsafeMutableBufferPointer { out in
                scratch.withUnsafeMutableBufferPointer { scratch in
                    withCache { k, v, blocks in
                        var job = tw_attention(
                            q: q.baseAddress! + range.lowerBound * width, q_stride: Int64(width),
                            out: out.baseAddress, out_stride: Int64(width), rows: Int64(range.count),
                            first_position: Int64(firstPosition + range.lowerBound), group: Int64(group),
                            head_dim: Int64(headDim), blocks: blocks, k: k, v: v, block_stride: Int64(blockStride),
                            scale: scale, scratch: scratch.baseAddress)
                        kernels.table.attend(&job)
                    }
                }
            }
        }
        return out
    }

    private func withCache(
        _ body: (UnsafePointer<UInt16>, UnsafePointer<UInt16>, UnsafePointer<Int32>) -> Void
    ) {
        keys.withUnsafeBufferPointer { k in
            values.withUnsafeBufferPointer { v in
                blocks.withUnsafeBufferPointer { body(k.baseAddress!, v.baseAddress!, $0.baseAddress!) }
            }
        }
    }

    /// By definition, in f64, with a bound on what f32 may be off by.
    func reference() -> (values: [Double], bound: [Double]) {
        var result: (values: [Double], bound: [Double]) = ([], [])
        for line in 0..<rows * group {
            let visible = firstPosition + line / group + 1
            let query = queries[line * headDim..<(line + 1) * headDim].map(Double.init)
            var scores: [Double] = []
            var scoreError = 0.0
            for position in 0..<visible {
                let terms = zip(query, key(position)).map { $0 * $1 }
                scores.append(terms.reduce(0, +) * Double(scale))
                let size = terms.reduce(0) { $0 + abs($1) } * Double(scale)
                scoreError = max(scoreError, size * Double(headDim + 2) * unitRoundoff)
            }
            let highest = scores.max()!
            let weights = scores.map { exp($0 - highest) }
            let total = weights.reduce(0, +)
            // Scores move weights by their error, up and down; each block adds a few roundings and each position one.
            let relative = 2 * scoreError + Double(visible + 8 * blocks.count + 16) * unitRoundoff
            let stored = (0..<visible).map { value($0) }
            for dimension in 0..<headDim {
                let sum = (0..<visible).reduce(0) { $0 + weights[$1] * stored[$1][dimension] }
                let size = (0..<visible).reduce(0) { $0 + weights[$1] * abs(stored[$1][dimension]) }
                result.values.append(sum / total)
                result.bound.append(relative * size / total)
            }
        }
        return result
    }

    private func key(_ position: Int) -> [Double] {
        let offset = Int(blocks[position / 16]) * blockStride + position % 16
        return (0..<headDim).map { Double(tw_half_to_float(keys[offset + $0 * 16])) }
    }

    private func value(_ position: Int) -> [Double] {
        let offset = Int(blocks[position / 16]) * blockStride + position % 16 * headDim
        return (0..<headDim).map { Double(tw_half_to_float(values[offset + $0])) }
    }
}
