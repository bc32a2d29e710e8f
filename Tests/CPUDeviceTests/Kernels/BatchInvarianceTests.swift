import CKernels
import ModelFiles
import TestTools
import Testing

/// The promise that makes answers repeatable: a row's bits are the same alone, and in a batch of any size at any
/// place.
@Suite("Batch invariance of kernels")
struct BatchInvarianceTests {
    /// Ways to cut 70 rows: alone, in parts that end on and beside the kernels' tiles, shifted.
    static let cuts: [[Range<Int>]] = [
        (0..<70).map { $0..<$0 + 1 },
        stride(from: 0, to: 70, by: 3).map { $0..<min($0 + 3, 70) },
        stride(from: 0, to: 70, by: 7).map { $0..<min($0 + 7, 70) },
        [0..<1, 1..<5, 5..<13, 13..<70],
        [0..<63, 63..<70], [0..<64, 64..<70], [0..<65, 65..<70], [0..<66, 66..<70],
    ]

    @Test("products with 8-bit activations", arguments: KernelSet.all, ProductTests.blockTypes)
    func quantised(kernels: KernelSet, type: TensorType) throws {
        var random = SplitMix(seed: 61)
        let weights = try PackedWeights(type, rows: 40, columns: 256, seed: 6)
        let x = QuantisedRows(random.normal(70 * 256), columns: 256, with: kernels)
        let whole = weights.multiply(x, with: kernels)
        for cut in Self.cuts {
            let parts = cut.flatMap { weights.multiply(x.part($0), with: kernels) }
            #expect(parts.bits == whole.bits)
        }
    }

    @Test("products with f32 activations", arguments: KernelSet.all, TensorType.allCases)
    func floats(kernels: KernelSet, type: TensorType) throws {
        var random = SplitMix(seed: 62)
        let weights = try PackedWeights(type, rows: 40, columns: 256, seed: 6)
        let x = random.normal(70 * 256)
        let whole = weights.multiply(x, with: kernels)
        for cut in Self.cuts {
            let parts = cut.flatMap {
                weights.multiply(Array(x[$0.lowerBound * 256..<$0.upperBound * 256]), with: kernels)
            }
            #expect(parts.bits == whole.bits)
        }
    }

    @Test("attention of a prefill chunk cut anywhere", arguments: KernelSet.all, [8, 64, 80])
    func attention(kernels: KernelSet, headDim: Int) {
        for (kvHeads, group) in [(1, 1), (1, 3), (1, 4), (3, 2), (2, 9)] {
            for type in AttentionCase.types {
                let example = AttentionCase(
                    type, headDim: headDim, kvHeads: kvHeads, group: group, firstPosition: 11, rows: 70, seed: 63,
                    with: kernels)
                let whole = example.attend(with: kernels)
                for cut in Self.cuts {
                    #expect(cut.flatMap { example.attend($0, with: kernels) }.bits == whole.bits)
                }
            }
        }
    }

    @Test("quantising and norm", arguments: KernelSet.all)
    func rows(kernels: KernelSet) {
        var random = SplitMix(seed: 64)
        let x = random.normal(70 * 96)
        let weight = random.normal(96)
        func norm(_ x: [Float]) -> [Float] {
            var y = x
            kernels.table.rms_norm(x, 96, weight, 1e-5, Int64(x.count / 96), 96, &y, 96)
            return y
        }
        let whole = norm(x)
        let quantised = QuantisedRows(x, columns: 96, with: kernels)
        for cut in Self.cuts {
            let parts = cut.map { Array(x[$0.lowerBound * 96..<$0.upperBound * 96]) }
            #expect(parts.flatMap { norm($0) }.bits == whole.bits)
            let rows = parts.map { QuantisedRows($0, columns: 96, with: kernels) }
            #expect(rows.flatMap(\.q) == quantised.q)
            #expect(rows.flatMap(\.scale).bits == quantised.scale.bits)
            #expect(rows.flatMap(\.scaledSum).bits == quantised.scaledSum.bits)
            #expect(rows.flatMap(\.offset) == quantised.offset)
        }
    }
}
