import CKernels
import TestTools
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Encoder kernels")
struct EncoderKernelTests {
    @Test("norm with a mean", arguments: KernelSet.all)
    func norm(kernels: KernelSet) {
        var random = SplitMix(seed: 71)
        for columns in [1, 7, 8, 9, 64, 384, 1000] {
            let (rows, stride) = (3, columns + 3)
            let x = random.normal(rows * stride, deviation: 3).map { $0 + 1 }
            let (weight, bias) = (random.normal(columns), random.normal(columns))
            var y = [Float](repeating: 9, count: rows * stride)
            kernels.table.layer_norm(
                x, Int64(stride), weight, bias, 1e-3, Int64(rows), Int64(columns), &y, Int64(stride))
            for row in 0..<rows {
                let values = x[row * stride..<row * stride + columns].map(Double.init)
                let mean = values.reduce(0, +) / Double(columns)
                let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
                let size = values.reduce(0) { max($0, abs($1)) }
                let inverse = 1 / (variance + Double(Float(1e-3))).squareRoot()
                let expected = values.indices.map { index in
                    (values[index] - mean) * inverse * Double(weight[index]) + Double(bias[index])
                }
                let rounding = Double(columns + 16) * unitRoundoff
                let bound = values.indices.map { index in
                    rounding * (size * inverse * 2 * abs(Double(weight[index])) + abs(Double(bias[index])))
                }
                let out = Array(y[row * stride..<row * stride + columns])
                #expect(worstRatio(out, expected, bound: bound) <= 1, "\(columns) columns")
                #expect(y[row * stride + columns..<(row + 1) * stride].allSatisfy { $0 == 9 })
            }
        }
    }

    @Test("a row of equal values is its bias", arguments: KernelSet.all)
    func normOfConstants(kernels: KernelSet) {
        let bias = (0..<64).map { Float($0) }
        var x = [Float](repeating: 2.5, count: 64)
        x.withUnsafeMutableBufferPointer { buffer in
            let base = buffer.baseAddress!
            kernels.table.layer_norm(base, 64, [Float](repeating: 3, count: 64), bias, 1e-12, 1, 64, base, 64)
        }
        #expect(x == bias)
    }

    @Test("GELU", arguments: KernelSet.all)
    func gelu(kernels: KernelSet) {
        var random = SplitMix(seed: 72)
        for (columns, deviation) in [(8, Float(1)), (64, 0.01), (1536, 4)] {
            let (rows, stride) = (3, columns + 8)
            let (x, bias) = (random.normal(rows * stride, deviation: deviation), random.normal(columns))
            var y = x
            kernels.table.gelu(&y, bias, Int64(rows), Int64(columns), Int64(stride))
            for row in 0..<rows {
                let range = row * stride..<row * stride + columns
                let sums = range.map { Double(x[$0] + bias[$0 - range.lowerBound]) }
                let expected = sums.map { $0 * 0.5 * (1 + erf($0 * 0.5.squareRoot())) }
                let bound = sums.map { abs($0) * (0.5e-6 + 2 * unitRoundoff) }
                #expect(worstRatio(Array(y[range]), expected, bound: bound) <= 1)
                let rest = range.upperBound..<(row + 1) * stride
                #expect(y[rest].elementsEqual(x[rest]))
            }
        }
        var extremes: [Float] = [0, -0.0, 100, -100, 3e38, -3e38, .infinity, .nan]
        kernels.table.gelu(&extremes, [Float](repeating: 0, count: 8), 1, 8, 8)
        #expect(extremes[..<7] == [0, 0, 100, 0, 3e38, 0, .infinity] && extremes[7].isNaN)
    }

    @Test("a bias to every row", arguments: KernelSet.all)
    func bias(kernels: KernelSet) {
        var random = SplitMix(seed: 73)
        for columns in [1, 8, 37] {
            let (x, bias) = (random.normal(3 * 40), random.normal(columns))
            var y = x
            kernels.table.add_bias(&y, bias, 3, Int64(columns), 40)
            #expect(y == x.indices.map { $0 % 40 < columns ? x[$0] + bias[$0 % 40] : x[$0] })
        }
    }

    @Test("attention of a text", arguments: KernelSet.all, [16, 32, 64])
    func attention(kernels: KernelSet, headDim: Int) {
        for tokens in [1, 2, 15, 16, 17, 24, 25, 48, 77] {
            let text = TextAttentionCase(tokens: tokens, headDim: headDim, seed: 74)
            let (expected, bound) = text.reference
            #expect(worstRatio(text.attend(with: kernels), expected, bound: bound) <= 1, "\(tokens) tokens")
        }
    }

    @Test(
        "give the bits of the portable ones", .enabled(if: KernelSet.hasOthers, KernelSet.onlyPortable),
        arguments: KernelSet.others)
    func agreement(kernels: KernelSet) {
        var random = SplitMix(seed: 75)
        for width in [8, 24, 64, 384] {
            let (x, weight) = (random.normal(4 * width, deviation: 6), random.normal(2 * width))
            let (m, k) = (Int64(4), Int64(width))
            expectSame(kernels, x) { $0.layer_norm(x, k, weight, x, 1e-12, m, k, $1, k) }
            expectSame(kernels, x) { $0.gelu($1, weight, m, k, k) }
            expectSame(kernels, x) { $0.add_bias($1, weight, m, k, k) }
        }
        for tokens in Array(1...50) + [256, 300] {
            let text = TextAttentionCase(tokens: tokens, headDim: 32, seed: 76)
            #expect(text.attend(with: kernels).bits == text.attend(with: .portable).bits, "\(tokens) tokens")
        }
    }

    private func expectSame(
        _ kernels: KernelSet, _ start: [Float], _ body: (tw_kernels, UnsafeMutablePointer<Float>) -> Void
    ) {
        let results = [KernelSet.portable, kernels].map { set in
            var out = start
            out.withUnsafeMutableBufferPointer { body(set.table, $0.baseAddress!) }
            return out.bits
        }
        #expect(results[0] == results[1])
    }
}

/// Random queries, keys and values of one head of a text.
struct TextAttentionCase {
    let tokens: Int
    let headDim: Int
    /// Of each token its query, key and value.
    private let rows: [Float]
    private var scale: Float { 1 / Float(headDim).squareRoot() }

    init(tokens: Int, headDim: Int, seed: UInt64) {
        (self.tokens, self.headDim) = (tokens, headDim)
        var random = SplitMix(seed: seed)
        rows = random.normal(tokens * 3 * headDim, deviation: 2)
    }

    /// [tokens, headDim] as a set of kernels computes it.
    func attend(with kernels: KernelSet) -> [Float] {
        var out = [Float](repeating: 0, count: tokens * headDim)
        let most = (tokens + 2 * Int(TW_PANEL) - 1) / Int(TW_PANEL) * Int(TW_PANEL)
        var scratch = [Float](repeating: .nan, count: (2 * headDim + Int(TW_TEXT_ROWS)) * most)
        rows.withUnsafeBufferPointer { rows in
            out.withUnsafeMutableBufferPointer { out in
                scratch.withUnsafeMutableBufferPointer { scratch in
                    let base = rows.baseAddress!
                    var job = tw_text_attention(
                        q: base, k: base + headDim, v: base + 2 * headDim, stride: Int64(3 * headDim),
                        out: out.baseAddress!, out_stride: Int64(headDim), tokens: Int64(tokens),
                        head_dim: Int64(headDim), scale: scale, scratch: scratch.baseAddress!)
                    kernels.table.attend_text(&job)
                }
            }
        }
        return out
    }

    /// The same by definition, and how far off a set of kernels may be.
    var reference: (expected: [Double], bound: [Double]) {
        func part(_ part: Int, _ token: Int) -> [Double] {
            rows[(3 * token + part) * headDim..<(3 * token + part + 1) * headDim].map(Double.init)
        }
        let keys = (0..<tokens).map { part(1, $0) }
        let values = (0..<tokens).map { part(2, $0) }
        var (expected, bound): ([Double], [Double]) = ([], [])
        for token in 0..<tokens {
            let query = part(0, token)
            let terms = keys.map { key in zip(query, key).map { $0 * $1 * Double(scale) } }
            let scores = terms.map { $0.reduce(0, +) }
            let size = terms.map { $0.reduce(0) { $0 + abs($1) } }.max() ?? 0
            let highest = scores.max() ?? 0
            let weights = scores.map { exp($0 - highest) }
            let total = weights.reduce(0, +)
            let rounding = (2 * size * Double(headDim + 4) + Double(2 * tokens + 32)) * unitRoundoff
            for column in 0..<headDim {
                expected.append(zip(weights, values).reduce(0) { $0 + $1.0 * $1.1[column] } / total)
                bound.append(zip(weights, values).reduce(0) { $0 + $1.0 * abs($1.1[column]) } / total * rounding)
            }
        }
        return (expected, bound)
    }
}
