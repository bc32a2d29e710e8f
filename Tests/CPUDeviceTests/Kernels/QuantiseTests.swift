import CKernels
import TestTools
import Testing

@Suite("Quantising activations")
struct QuantiseTests {
    @Test("numbers, scales and sums are those of the definition, to the bit", arguments: KernelSet.all)
    func reference(kernels: KernelSet) {
        var random = SplitMix(seed: 11)
        for columns in [32, 64, 576, 1536] {
            for rows in [1, 2, 3, 7, 66] {
                let size = Float.random(in: -20...20, using: &random)
                let x = random.normal(
                    rows * columns, deviation: Float(sign: .plus, exponent: Int(size), significand: 1))
                expectEqual(
                    QuantisedRows(x, columns: columns, with: kernels), QuantisedRows(reference: x, columns: columns))
            }
        }
    }

    @Test("every value is at most half a step off, and the largest is exact", arguments: KernelSet.all)
    func error(kernels: KernelSet) {
        var random = SplitMix(seed: 12)
        let x = random.normal(64 * 320)
        let quantised = QuantisedRows(x, columns: 320, with: kernels)
        for (index, value) in quantised.values.enumerated() {
            let step = Double(quantised.scale[index / 32])
            #expect(abs(value - Double(x[index])) <= step * (0.5 + 128 * unitRoundoff))
        }
        for block in quantised.scale.indices {
            #expect(quantised.q[block * 32..<block * 32 + 32].contains { $0.magnitude == 127 })
        }
    }

    @Test("ties go to the even number", arguments: KernelSet.all)
    func ties(kernels: KernelSet) {
        var x = (0..<32).map { Float($0) - 15.5 }
        x[31] = 127
        let quantised = QuantisedRows(x, columns: 32, with: kernels)
        #expect(quantised.scale == [1])
        #expect(quantised.q.prefix(4) == [-16, -14, -14, -12])
        #expect(quantised.q[15...18] == [0, 0, 2, 2])
    }

    static let extremes: [(name: String, block: [Float])] = [
        ("zeros", [Float](repeating: 0, count: 32)),
        ("negative zeros", [Float](repeating: -0.0, count: 32)),
        ("one huge value", [3e38] + [Float](repeating: 1, count: 31)),
        ("one infinity", [-.infinity] + [Float](repeating: 2, count: 31)),
        ("infinities", [Float](repeating: .infinity, count: 32)),
        ("one NaN", [Float](repeating: 1, count: 13) + [.nan] + [Float](repeating: -2, count: 18)),
        ("two NaN", [.nan, .nan] + [Float](repeating: -2, count: 30)),
        ("NaN", [Float](repeating: .nan, count: 32)),
        ("NaN and infinity", [.nan, .infinity] + [Float](repeating: 1, count: 30)),
        ("subnormal", [.leastNonzeroMagnitude, -.leastNormalMagnitude / 8] + [Float](repeating: 0, count: 30)),
        ("tiny", [Float](repeating: 1e-37, count: 16) + [Float](repeating: -2e-37, count: 16)),
        ("just not negligible", [Float](repeating: 1.5e-36, count: 16) + [Float](repeating: -2e-36, count: 16)),
    ]

    @Test("extreme values are as the definition says, and stay in their block", arguments: KernelSet.all)
    func extreme(kernels: KernelSet) {
        for (name, block) in Self.extremes {
            let x = [Float](repeating: 1, count: 32) + block + [Float](repeating: -1, count: 32)
            let quantised = QuantisedRows(x, columns: 96, with: kernels)
            expectEqual(quantised, QuantisedRows(reference: x, columns: 96), name)
            #expect(quantised.q[0..<32].allSatisfy { $0 == 127 } && quantised.q[64...].allSatisfy { $0 == -127 })
        }
    }

    /// Ranges of columns as a team's members take them: each writes its own blocks of every row and no others.
    @Test("some columns of rows: the bits of the whole, and nothing else is touched", arguments: KernelSet.all)
    func columns(kernels: KernelSet) {
        var random = SplitMix(seed: 13)
        for (rows, columns) in [(1, 96), (5, 192), (3, 576)] {
            let x = random.normal(rows * columns)
            let whole = QuantisedRows(x, columns: columns, with: kernels)
            for range in [0..<32, 32..<96, 32..<64, columns - 32..<columns, 0..<0, 0..<columns] {
                let part = QuantisedRows(x, columns: columns, range: range, with: kernels)
                for index in x.indices {
                    let expected = range.contains(index % columns) ? whole.q[index] : QuantisedRows.untouched.q
                    #expect(part.q[index] == expected)
                }
                for block in whole.scale.indices {
                    let inside = range.contains(block * 32 % columns)
                    let scales = inside ? (whole.scale[block], whole.scaledSum[block]) : (-1, -1)
                    #expect((part.scale[block], part.scaledSum[block]) == scales)
                }
                for half in whole.offset.indices {
                    let inside = range.contains(half * 16 % columns)
                    #expect(part.offset[half] == (inside ? whole.offset[half] : QuantisedRows.untouched.offset))
                }
            }
            var parts = QuantisedRows(x, columns: columns, range: 64..<columns, with: kernels)
            parts.quantise(x, columns: 0..<64, with: kernels)
            expectEqual(parts, whole)
        }
    }

    private func expectEqual(_ a: QuantisedRows, _ b: QuantisedRows, _ what: String = "") {
        #expect(a.q == b.q, "\(what)")
        #expect(a.offset == b.offset, "\(what)")
        #expect(a.scale.bits == b.scale.bits, "\(what)")
        // The sign and payload of a NaN are the processor's choice.
        #expect(
            a.scaledSum.map { $0.isNaN ? .nan : $0 }.bits == b.scaledSum.map { $0.isNaN ? .nan : $0 }.bits, "\(what)")
    }
}
