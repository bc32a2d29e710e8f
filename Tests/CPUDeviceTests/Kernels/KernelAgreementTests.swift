import CKernels
import ModelFiles
import TestTools
import Testing

/// The promise of CKernels: all sets of kernels give the bits of the portable ones.
@Suite("All kernels agree with the portable ones", .enabled(if: KernelSet.hasOthers, KernelSet.onlyPortable))
struct KernelAgreementTests {
    private let portable = KernelSet.portable
    /// Every way in which a set may cut rows into tiles.
    private static let rowCounts = Array(1...70)
    /// Output rows of 1, 2 and 3 panels, the last one not full.
    private static let outputs = [5, 32, 37]

    /// Widths of the rows: of every type a narrow one, and one with a whole number of every kind of step.
    private static func widths(_ type: TensorType) -> [Int] {
        switch type.elementsPerBlock {
        case 256: [256]
        case 32: [32, 96]
        default: [8, 40]
        }
    }

    @Test("products with 8-bit activations", arguments: KernelSet.others, ProductTests.blockTypes)
    func quantised(kernels: KernelSet, type: TensorType) throws {
        var random = SplitMix(seed: 51)
        for columns in Self.widths(type) {
            let all = QuantisedRows(random.normal(70 * columns), columns: columns, with: portable)
            for outputs in Self.outputs {
                let weights = try PackedWeights(type, rows: outputs, columns: columns, seed: UInt64(columns))
                let start = random.normal(70 * weights.paddedRows)
                // A row's bits do not depend on the rows beside it (BatchInvarianceTests), so the portable product of
                // all rows holds those of fewer.
                let expected = weights.multiply(all, with: portable)
                let added = weights.multiply(all, with: portable, onto: start)
                for rows in Self.rowCounts {
                    let (x, count) = (all.part(0..<rows), rows * weights.paddedRows)
                    #expect(weights.multiply(x, with: kernels).bits == Array(expected[..<count]).bits, "\(rows) rows")
                    let sum = weights.multiply(x, with: kernels, onto: Array(start[..<count]))
                    #expect(sum.bits == Array(added[..<count]).bits, "\(rows) rows, added")
                }
            }
        }
    }

    @Test("products with f32 activations", arguments: KernelSet.others, TensorType.allCases)
    func floats(kernels: KernelSet, type: TensorType) throws {
        var random = SplitMix(seed: 52)
        for columns in Self.widths(type) {
            let all = random.normal(70 * columns)
            for outputs in Self.outputs {
                let weights = try PackedWeights(type, rows: outputs, columns: columns, seed: UInt64(columns))
                let start = random.normal(70 * weights.paddedRows)
                let expected = weights.multiply(all, with: portable)
                let added = weights.multiply(all, with: portable, onto: start)
                for rows in Self.rowCounts {
                    let (x, count) = (Array(all[..<(rows * columns)]), rows * weights.paddedRows)
                    #expect(weights.multiply(x, with: kernels).bits == Array(expected[..<count]).bits, "\(rows) rows")
                    let sum = weights.multiply(x, with: kernels, onto: Array(start[..<count]))
                    #expect(sum.bits == Array(added[..<count]).bits, "\(rows) rows, added")
                }
            }
        }
    }

    @Test("wide products", arguments: KernelSet.others, ProductTests.blockTypes)
    func wide(kernels: KernelSet, type: TensorType) throws {
        var random = SplitMix(seed: 56)
        for columns in [768, 1536] {
            let weights = try PackedWeights(type, rows: 53, columns: columns, seed: UInt64(columns))
            let all = random.normal(130 * columns)
            for rows in [1, 2, 3, 5, 8, 15, 64, 65, 130] {
                let x = Array(all[..<(rows * columns)])
                let quantised = QuantisedRows(x, columns: columns, with: portable)
                #expect(
                    weights.multiply(quantised, with: kernels).bits == weights.multiply(quantised, with: portable).bits)
                #expect(weights.multiply(x, with: kernels).bits == weights.multiply(x, with: portable).bits)
            }
        }
    }

    @Test("attention of one head", arguments: KernelSet.others, AttentionTests.widths)
    func attention(kernels: KernelSet, headDim: Int) {
        for group in 1...9 {
            for firstPosition in [0, 15, 16, 40, 200] {
                for rows in [1, 2, 17, 33] {
                    expectSameAttention(kernels, headDim, 1, group, firstPosition, rows)
                }
            }
        }
    }

    @Test("attention of several heads", arguments: KernelSet.others, AttentionTests.widths)
    func severalHeads(kernels: KernelSet, headDim: Int) {
        for kvHeads in [2, 3, 8, 9] {
            for (group, rows) in [(1, 1), (2, 1), (3, 1), (5, 1), (9, 1), (3, 2), (2, 18)] {
                for firstPosition in [0, 14, 100] {
                    expectSameAttention(kernels, headDim, kvHeads, group, firstPosition, rows)
                }
            }
        }
    }

    @Test("quantising", arguments: KernelSet.others)
    func quantise(kernels: KernelSet) {
        var random = SplitMix(seed: 57)
        for deviation: Float in [1e-38, 1e-36, 1e-3, 1, 1e30, 5e37] {
            let x = random.normal(5 * 608, deviation: deviation)
            for range in [0..<608, 32..<96] {
                let rows = [portable, kernels].map { QuantisedRows(x, columns: 608, range: range, with: $0) }
                #expect(rows[0].q == rows[1].q && rows[0].offset == rows[1].offset)
                #expect(rows[0].scale.bits == rows[1].scale.bits && rows[0].scaledSum.bits == rows[1].scaledSum.bits)
            }
        }
    }

    @Test("norm, rotation and gated SiLU", arguments: KernelSet.others)
    func rows(kernels: KernelSet) {
        var random = SplitMix(seed: 53)
        for width in [8, 16, 40, 64, 80, 576] {
            let x = random.normal(4 * width, deviation: 6)
            let weight = random.normal(width)
            expectSame(kernels, x) { $0.rms_norm(x, Int64(width), weight, 1e-5, 4, Int64(width), $1, Int64(width)) }
            expectSame(kernels, x) { $0.silu_multiply($1, weight, 1, Int64(width), Int64(width)) }
            expectSame(kernels, x) { $0.add($1, weight, Int64(width)) }
            for interleaved in [true, false] {
                expectSame(kernels, x) { $0.rope($1, 4, Int64(width), x, weight, Int64(width / 2), interleaved) }
            }
        }
    }

    @Test("vocabulary kernels", arguments: KernelSet.others)
    func vocabulary(kernels: KernelSet) {
        var random = SplitMix(seed: 54)
        for count in [1, 5, 8, 511, 512, 519, 1030, 49_153] {
            let x = random.normal(count, deviation: 10)
            var sums: [Double] = []
            var highest: [(Int64, Float)] = []
            expectSame(kernels, x) { table, y in
                sums.append(table.exp_sum(x, Int64(count), 3, 0.7, y))
                var value: Float = 0
                highest.append((table.argmax(x, Int64(count), &value), value))
            }
            #expect(sums[0].bitPattern == sums[1].bitPattern)
            #expect(highest[0] == highest[1])
        }
    }

    @Test("stored halves and bytes of any float, NaN included", arguments: KernelSet.others)
    func halves(kernels: KernelSet) {
        var random = SplitMix(seed: 55)
        let floats = (0..<80_000).map { _ in Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &random)) }
        for start in stride(from: 0, to: floats.count, by: 8_000) {
            let part = Array(floats[start..<start + 8_000])
            for (type, width) in AttentionCase.types.flatMap({ type in [8, 8_000].map { (type, $0) } }) {
                let size = Int(tw_kv_head_bytes(type, Int64(width)))
                let stored = [portable, kernels].map { kernels in
                    stride(from: 0, to: part.count, by: width).map { first in
                        var head = [UInt8](repeating: 0, count: size)
                        let vector = Array(part[first..<first + width])
                        kernels.table.store_kv(type, vector, vector, Int64(width), 15, &head)
                        return head
                    }
                }
                #expect(stored[0] == stored[1])
            }
        }
    }

    private func expectSameAttention(
        _ kernels: KernelSet, _ headDim: Int, _ kvHeads: Int, _ group: Int, _ firstPosition: Int, _ rows: Int
    ) {
        for type in AttentionCase.types {
            let results = [portable, kernels].map { kernels in
                AttentionCase(
                    type, headDim: headDim, kvHeads: kvHeads, group: group, firstPosition: firstPosition, rows: rows,
                    seed: 5, with: kernels
                ).attend(with: kernels)
            }
            #expect(
                results[0].bits == results[1].bits,
                "\(kvHeads) heads of width \(headDim), group \(group), \(rows) rows from position \(firstPosition)")
        }
    }

    /// Runs both kernels on copies of `start` and compares what they leave there.
    private func expectSame(
        _ kernels: KernelSet, _ start: [Float], _ body: (tw_kernels, UnsafeMutablePointer<Float>) -> Void
    ) {
        var results = [start, start]
        for (index, set) in [portable, kernels].enumerated() {
            results[index].withUnsafeMutableBufferPointer { body(set.table, $0.baseAddress!) }
        }
        #expect(results[0].bits == results[1].bits)
    }
}
