import CKernels
import ModelFiles
import TestTools
import Testing

/// Scales are packed in half precision and become floats where they are used: that must lose nothing, whatever they are.
@Suite("Extreme scales")
struct ExtremeScaleTests {
    /// Half precision: the largest, the smallest, the largest subnormal and the smallest normal one, zero, of both signs.
    private static let halves: [UInt16] = [
        0x7BFF, 0xFBFF, 0x0001, 0x8001, 0x03FF, 0x83FF, 0x0400, 0x8400, 0x0000, 0x8000, 0x3C00, 0xB555,
    ]

    /// Random blocks with those as scales and minima. The smallest stand in rows of their own: beside the largest they
    /// would not show in a sum.
    private static func weights(_ type: TensorType, rows: Int, columns: Int) throws -> PackedWeights {
        var random = SplitMix(seed: 500 + UInt64(type.rawValue))
        let blocks = columns / type.elementsPerBlock
        var bytes: [UInt8] = []
        for row in 0..<rows {
            for _ in 0..<blocks {
                var block = (0..<type.bytesPerBlock).map { _ in UInt8.random(in: 0...255, using: &random) }
                set(halves[row % halves.count], at: type == .q6_K ? 208 : 0, in: &block)
                if hasMinimum(type) { set(halves[row / halves.count % halves.count], at: 2, in: &block) }
                bytes += block
            }
        }
        return try PackedWeights(type, rows: rows, columns: columns, bytes: bytes)
    }

    private static func set(_ half: UInt16, at offset: Int, in block: inout [UInt8]) {
        block[offset] = UInt8(truncatingIfNeeded: half)
        block[offset + 1] = UInt8(half >> 8)
    }

    private static func hasMinimum(_ type: TensorType) -> Bool {
        [.q4_1, .q5_1, .q4_K, .q5_K].contains(type)
    }

    private static let rows = 150

    @Test("an unpacked row has the values of the file", arguments: ProductTests.blockTypes)
    func unpack(type: TensorType) throws {
        let columns = 512
        let weights = try Self.weights(type, rows: Self.rows, columns: columns)
        for row in 0..<Self.rows {
            var out = [Float](repeating: .nan, count: columns)
            tw_unpack_row(weights.format, weights.panels, Int64(columns), Int64(row), &out)
            #expect(out == Array(weights.row(row)), "row \(row)")
        }
    }

    @Test("products with 8-bit activations of 1", arguments: KernelSet.all, ProductTests.blockTypes)
    func products(kernels: KernelSet, type: TensorType) throws {
        let columns = 512
        let weights = try Self.weights(type, rows: Self.rows, columns: columns)
        // One block of activations is not zero, so that each sum has few terms: quants, scale, minimum.
        for block in [0, 7, 15] {
            let x = (0..<9 * columns).map { $0 % columns / Int(TW_BLOCK) == block ? Float(127) : 0 }
            let product = weights.multiply(QuantisedRows(x, columns: columns, with: kernels), with: kernels)
            for row in 0..<Self.rows {
                let own = weights.row(row).dropFirst(block * 32).prefix(32).map { Double($0) * 127 }
                // Scale and minimum may differ in sign and be far larger than what is left of their sum.
                let size = own.reduce(0) { $0 + $1.magnitude } + (own.map(\.magnitude).max() ?? 0) * 64
                for r in 0..<9 {
                    let got = Double(product[r * weights.paddedRows + row])
                    #expect((got - own.reduce(0, +)).magnitude <= size * 0x1p-20, "row \(row) of \(type)")
                }
            }
        }
    }

    @Test("all sets give the bits of the portable one", arguments: KernelSet.others, ProductTests.blockTypes)
    func agreement(kernels: KernelSet, type: TensorType) throws {
        var random = SplitMix(seed: 510)
        let columns = 512
        let weights = try Self.weights(type, rows: Self.rows, columns: columns)
        let values = random.normal(19 * columns)
        let x = QuantisedRows(values, columns: columns, with: .portable)
        for rows in [1, 4, 5, 8, 9, 19] {
            let part = x.part(0..<rows)
            #expect(weights.multiply(part, with: kernels).bits == weights.multiply(part, with: .portable).bits)
            let floats = Array(values[..<(rows * columns)])
            #expect(weights.multiply(floats, with: kernels).bits == weights.multiply(floats, with: .portable).bits)
        }
    }
}
