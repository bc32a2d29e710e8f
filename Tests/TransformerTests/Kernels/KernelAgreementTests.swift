import CKernels
import ModelFiles
import Testing
import TinyModels

/// The promise of CKernels: the portable kernels and those for this processor give the same bits.
@Suite("Portable and best kernels agree", .enabled(if: KernelSet.hasTwo, KernelSet.onlyPortable))
struct KernelAgreementTests {
    private let portable = KernelSet.portable
    private let best = KernelSet.best

    @Test("products with 8-bit activations", arguments: ProductTests.blockTypes)
    func quantised(type: TensorType) throws {
        var random = SplitMix(seed: 51)
        for columns in ProductTests.widths(type) {
            let weights = try PackedWeights(type, rows: 21, columns: columns, seed: UInt64(columns))
            for rows in ProductTests.rowCounts {
                let x = QuantisedRows(random.normal(rows * columns), columns: columns, with: portable)
                #expect(weights.multiply(x, with: portable).bits == weights.multiply(x, with: best).bits)
                let start = random.normal(rows * weights.paddedRows)
                let added = weights.multiply(x, with: portable, onto: start)
                #expect(added.bits == weights.multiply(x, with: best, onto: start).bits)
            }
        }
    }

    @Test("products with f32 activations", arguments: TensorType.allCases)
    func floats(type: TensorType) throws {
        var random = SplitMix(seed: 52)
        for columns in ProductTests.widths(type) {
            let weights = try PackedWeights(type, rows: 21, columns: columns, seed: UInt64(columns))
            for rows in ProductTests.rowCounts {
                let x = random.normal(rows * columns)
                #expect(weights.multiply(x, with: portable).bits == weights.multiply(x, with: best).bits)
                let start = random.normal(rows * weights.paddedRows)
                let added = weights.multiply(x, with: portable, onto: start)
                #expect(added.bits == weights.multiply(x, with: best, onto: start).bits)
            }
        }
    }

    @Test("attention", arguments: AttentionTests.widths)
    func attention(headDim: Int) {
        for group in 1...5 {
            for firstPosition in [0, 15, 16, 40, 200] {
                for rows in [1, 2, 17, 33] {
                    let cases = [portable, best].map {
                        AttentionCase(
                            headDim: headDim, group: group, firstPosition: firstPosition, rows: rows, seed: 5, with: $0)
                    }
                    #expect(cases[0].attend(with: portable).bits == cases[1].attend(with: best).bits)
                }
            }
        }
    }

    @Test("norm, rotation and gated SiLU")
    func rows() {
        var random = SplitMix(seed: 53)
        for width in [8, 16, 40, 64, 80, 576] {
            let x = random.normal(4 * width, deviation: 6)
            let weight = random.normal(width)
            expectSame(x) { $0.rms_norm(x, Int64(width), weight, 1e-5, 4, Int64(width), $1, Int64(width)) }
            expectSame(x) { $0.silu_multiply($1, weight, 1, Int64(width), Int64(width)) }
            expectSame(x) { $0.add($1, weight, Int64(width)) }
            for interleaved in [true, false] {
                expectSame(x) { $0.rope($1, 4, Int64(width), x, weight, Int64(width / 2), interleaved) }
            }
        }
    }

    @Test("vocabulary kernels")
    func vocabulary() {
        var random = SplitMix(seed: 54)
        for count in [1, 5, 8, 511, 512, 519, 1030, 49_153] {
            let x = random.normal(count, deviation: 10)
            var sums: [Double] = []
            var highest: [(Int64, Float)] = []
            expectSame(x) { kernels, y in
                sums.append(kernels.exp_sum(x, Int64(count), 3, 0.7, y))
                var value: Float = 0
                highest.append((kernels.argmax(x, Int64(count), &value), value))
            }
            #expect(sums[0].bitPattern == sums[1].bitPattern)
            #expect(highest[0] == highest[1])
        }
    }

    @Test("stored halves of any float, NaN included")
    func halves() {
        var random = SplitMix(seed: 55)
        let floats = (0..<80_000).map { _ in Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &random)) }
        for start in stride(from: 0, to: floats.count, by: 8_000) {
            let part = Array(floats[start..<start + 8_000])
            let stored = [portable, best].map { kernels in
                var (k, v) = ([UInt16](repeating: 0, count: 16 * 8_000), [UInt16](repeating: 0, count: 16 * 8_000))
                kernels.table.store_kv(part, part, 8_000, 15, &k, &v)
                return (k, v)
            }
            #expect(stored[0] == stored[1])
        }
    }

    /// Runs both kernels on copies of `start` and compares what they leave there.
    private func expectSame(_ start: [Float], _ body: (tw_kernels, UnsafeMutablePointer<Float>) -> Void) {
        var results = [start, start]
        for (index, kernels) in [portable, best].enumerated() {
            results[index].withUnsafeMutableBufferPointer { body(kernels.table, $0.baseAddress!) }
        }
        #expect(results[0].bits == results[1].bits)
    }
}
