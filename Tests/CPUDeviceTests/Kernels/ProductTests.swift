import CKernels
import ModelFiles
import TestTools
import Testing

@Suite("Matrix products")
struct ProductTests {
    static let rowCounts = Array(1...9) + Array(63...66)
    static let blockTypes = TensorType.allCases.filter { $0.elementsPerBlock > 1 }

    static func widths(_ type: TensorType) -> [Int] {
        switch type.elementsPerBlock {
        case 256: [256, 512]
        case 32: [32, 64, 96, 576]
        default: [8, 32, 40, 136]
        }
    }

    @Test("8-bit activations: as the definition, for awkward sizes", arguments: KernelSet.all, blockTypes)
    func quantised(kernels: KernelSet, type: TensorType) throws {
        var random = SplitMix(seed: UInt64(type.rawValue))
        for columns in Self.widths(type) {
            for outputs in [3, 16, 37] {
                let weights = try PackedWeights(type, rows: outputs, columns: columns, seed: UInt64(columns))
                for rows in Self.rowCounts {
                    let x = QuantisedRows(random.normal(rows * columns), columns: columns, with: kernels)
                    let expected = ReferenceProduct(x.values, weights)
                    let worst = worstRatio(
                        weights.multiply(x, with: kernels), expected.values, bound: expected.bound)
                    #expect(worst <= 1, "\(rows) rows of \(columns) by \(outputs)")
                }
            }
        }
    }

    @Test("f32 activations: as the definition, for awkward sizes", arguments: KernelSet.all, TensorType.allCases)
    func floats(kernels: KernelSet, type: TensorType) throws {
        var random = SplitMix(seed: 100 + UInt64(type.rawValue))
        for columns in Self.widths(type) {
            for outputs in [3, 16, 37] {
                let weights = try PackedWeights(type, rows: outputs, columns: columns, seed: UInt64(columns))
                for rows in Self.rowCounts {
                    let x = random.normal(rows * columns)
                    let expected = ReferenceProduct(x.map(Double.init), weights)
                    let worst = worstRatio(
                        weights.multiply(x, with: kernels), expected.values, bound: expected.bound)
                    #expect(worst <= 1, "\(rows) rows of \(columns) by \(outputs)")
                }
            }
        }
    }

    @Test("products are added to what stands there where asked", arguments: KernelSet.all, TensorType.allCases)
    func accumulate(kernels: KernelSet, type: TensorType) throws {
        var random = SplitMix(seed: 200)
        let columns = max(64, type.elementsPerBlock)
        let weights = try PackedWeights(type, rows: 27, columns: columns, seed: 7)
        let x = random.normal(5 * columns)
        let start = random.normal(5 * weights.paddedRows)
        let plain = weights.multiply(x, with: kernels)
        let added = weights.multiply(x, with: kernels, onto: start)
        #expect(added.bits == zip(start, plain).map { $0 + $1 }.bits)
        guard type.elementsPerBlock > 1 else { return }
        let rows = QuantisedRows(x, columns: columns, with: kernels)
        let product = weights.multiply(rows, with: kernels)
        let sum = weights.multiply(rows, with: kernels, onto: start)
        #expect(sum.bits == zip(start, product).map { $0 + $1 }.bits)
    }

    @Test("a range of panels computes its own outputs and touches no others", arguments: KernelSet.all, blockTypes)
    func panels(kernels: KernelSet, type: TensorType) throws {
        var random = SplitMix(seed: 300)
        let weights = try PackedWeights(type, rows: 75, columns: 256, seed: 8)
        let x = QuantisedRows(random.normal(6 * 256), columns: 256, with: kernels)
        let whole = weights.multiply(x, with: kernels)
        for range in [0..<0, 0..<1, 1..<4, 4..<5] {
            let part = weights.multiply(x, with: kernels, panels: range)
            for index in whole.indices {
                let inside = range.contains(index % weights.paddedRows / PackedWeights.panelRows)
                #expect(inside ? part[index].bitPattern == whole[index].bitPattern : part[index].isNaN)
            }
        }
    }

    /// A block of equal bytes, with a scale of 1 and, where there is one, a minimum of 1 or -1.
    private static func block(of byte: UInt8, _ type: TensorType) -> [UInt8] {
        var block = [UInt8](repeating: byte, count: type.bytesPerBlock)
        let one: [UInt8] = [0x00, 0x3C]
        switch type {
        case .q6_K:
            block.replaceSubrange(192..<208, with: [UInt8](repeating: 1, count: 16))
            block.replaceSubrange(208..<210, with: one)
        case .q4_K, .q5_K:
            // The scales and minima of the first four parts, then those of the last four together.
            let parts = [UInt8](repeating: 1, count: 8) + [UInt8](repeating: 0x11, count: 4)
            block.replaceSubrange(0..<16, with: one + one + parts)
        case .q4_1, .q5_1: block.replaceSubrange(0..<4, with: one + one)
        default: block.replaceSubrange(0..<2, with: one)
        }
        return block
    }

    /// All sums at the edge of 16 bits: with weights of -128 (or 15, 31, -32) and activations of 127 nothing may wrap.
    @Test("the largest numbers are exact", arguments: KernelSet.all, blockTypes)
    func largest(kernels: KernelSet, type: TensorType) throws {
        let (rows, columns) = (19, max(128, type.elementsPerBlock))
        for byte in [UInt8(0x80), 0x7F, 0xFF, 0x00] {
            let block = Self.block(of: byte, type)
            let bytes = (0..<rows * columns / type.elementsPerBlock).flatMap { _ in block }
            let weights = try PackedWeights(type, rows: rows, columns: columns, bytes: bytes)
            for value: Float in [127, -127] {
                let x = QuantisedRows([Float](repeating: value, count: 5 * columns), columns: columns, with: kernels)
                #expect(x.q.allSatisfy { $0 == Int8(value) } && x.scale.allSatisfy { $0 == 1 })
                let product = weights.multiply(x, with: kernels)
                let expected = (0..<5 * weights.paddedRows).map { index -> Float in
                    let output = index % weights.paddedRows
                    return output < rows ? weights.row(output).reduce(0, +) * value : 0
                }
                #expect(product == expected, "bytes of \(byte) by \(value)")
            }
        }
    }

    @Test("rows of NaN, infinity and huge values spoil no other row", arguments: KernelSet.all, TensorType.allCases)
    func spoiled(kernels: KernelSet, type: TensorType) throws {
        var random = SplitMix(seed: 400)
        let columns = max(64, type.elementsPerBlock)
        let weights = try PackedWeights(type, rows: 16, columns: columns, seed: 9)
        let good = random.normal(7 * columns)
        for value: Float in [.nan, .infinity, -.infinity, 3e38, 0] {
            var bad = good
            for column in 0..<columns where value == 0 || column % 7 == 3 { bad[3 * columns + column] = value }
            compare(weights.multiply(good, with: kernels), weights.multiply(bad, with: kernels), value)
            guard type.elementsPerBlock > 1 else { continue }
            compare(
                weights.multiply(QuantisedRows(good, columns: columns, with: kernels), with: kernels),
                weights.multiply(QuantisedRows(bad, columns: columns, with: kernels), with: kernels), value)
        }
        func compare(_ a: [Float], _ b: [Float], _ value: Float) {
            #expect(a[..<48].map(\.bitPattern) == b[..<48].map(\.bitPattern), "\(value)")
            #expect(a[64...].map(\.bitPattern) == b[64...].map(\.bitPattern), "\(value)")
            if value == 0 { #expect(b[48..<64].allSatisfy { $0 == 0 }) }
        }
    }
}
