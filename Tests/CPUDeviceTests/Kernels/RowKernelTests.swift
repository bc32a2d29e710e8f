import CKernels
import TestTools
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Row kernels")
struct RowKernelTests {
    @Test("RMS norm", arguments: KernelSet.all)
    func norm(kernels: KernelSet) {
        var random = SplitMix(seed: 31)
        for columns in [1, 7, 8, 9, 16, 64, 80, 576, 1000] {
            for rows in [1, 2, 5] {
                let stride = columns + 3
                let x = random.normal(rows * stride, deviation: 3)
                let weight = random.normal(columns)
                var y = [Float](repeating: 9, count: rows * stride)
                kernels.table.rms_norm(x, Int64(stride), weight, 1e-5, Int64(rows), Int64(columns), &y, Int64(stride))
                for row in 0..<rows {
                    let values = x[row * stride..<row * stride + columns].map(Double.init)
                    let mean = values.reduce(0) { $0 + $1 * $1 } / Double(columns)
                    let inverse = 1 / (mean + Double(Float(1e-5))).squareRoot()
                    let expected = zip(values, weight).map { $0 * inverse * Double($1) }
                    // The sum is off by at most one rounding a term, and its root by half of that.
                    let bound = expected.map { abs($0) * (Double(columns) / 2 + 6) * unitRoundoff }
                    let out = Array(y[row * stride..<row * stride + columns])
                    #expect(worstRatio(out, expected, bound: bound) <= 1, "\(columns) columns")
                    #expect(y[row * stride + columns..<(row + 1) * stride].allSatisfy { $0 == 9 })
                }
            }
        }
    }

    @Test("RMS norm in place, and of a row of zeros", arguments: KernelSet.all)
    func normInPlace(kernels: KernelSet) {
        var random = SplitMix(seed: 32)
        let weight = random.normal(64)
        let x = random.normal(3 * 64)
        var apart = x
        kernels.table.rms_norm(x, 64, weight, 1e-6, 3, 64, &apart, 64)
        var inPlace = x
        inPlace.withUnsafeMutableBufferPointer { buffer in
            let base = buffer.baseAddress!
            kernels.table.rms_norm(base, 64, weight, 1e-6, 3, 64, base, 64)
        }
        #expect(inPlace.bits == apart.bits)
        let zeros = [Float](repeating: 0, count: 64)
        kernels.table.rms_norm(zeros, 64, weight, 1e-6, 1, 64, &apart, 64)
        #expect(apart[..<64].allSatisfy { $0 == 0 })
    }

    @Test("rotary embedding with either pairing", arguments: KernelSet.all, [true, false])
    func rope(kernels: KernelSet, interleaved: Bool) {
        var random = SplitMix(seed: 33)
        for (width, pairs) in [(8, 4), (16, 8), (64, 32), (80, 40), (128, 64), (64, 16), (80, 13), (8, 1)] {
            for heads in [1, 3, 9] {
                let x = random.normal(heads * width)
                let angles = (0..<pairs).map { _ in Double.random(in: -10...10, using: &random) }
                let (cosines, sines) = (angles.map { Float(cos($0)) }, angles.map { Float(sin($0)) })
                var y = x
                kernels.table.rope(&y, Int64(heads), Int64(width), cosines, sines, Int64(pairs), interleaved)
                var expected = x.map(Double.init)
                var bound = [Double](repeating: 0, count: x.count)
                for head in 0..<heads {
                    for pair in 0..<pairs {
                        let first = head * width + (interleaved ? 2 * pair : pair)
                        let second = first + (interleaved ? 1 : pairs)
                        let (u, v) = (Double(x[first]), Double(x[second]))
                        let (c, s) = (Double(cosines[pair]), Double(sines[pair]))
                        expected[first] = u * c - v * s
                        expected[second] = u * s + v * c
                        bound[first] = 2 * unitRoundoff * (abs(u * c) + abs(v * s))
                        bound[second] = 2 * unitRoundoff * (abs(u * s) + abs(v * c))
                    }
                }
                #expect(worstRatio(y, expected, bound: bound) <= 1, "width \(width), \(pairs) pairs")
            }
        }
    }

    @Test("gated SiLU", arguments: KernelSet.all)
    func silu(kernels: KernelSet) {
        var random = SplitMix(seed: 34)
        for columns in [8, 16, 64, 1536] {
            let (rows, stride) = (3, columns + 8)
            let gate = random.normal(rows * stride, deviation: 8)
            let up = random.normal(rows * stride)
            var y = gate
            kernels.table.silu_multiply(&y, up, Int64(rows), Int64(columns), Int64(stride))
            for row in 0..<rows {
                let range = row * stride..<row * stride + columns
                let expected = range.map { Double(gate[$0]) / (1 + exp(-Double(gate[$0]))) * Double(up[$0]) }
                // Two units for the exponential, one for each other operation.
                #expect(worstRatio(Array(y[range]), expected, bound: expected.map { abs($0) * 8 * unitRoundoff }) <= 1)
                #expect(
                    y[range.upperBound..<(row + 1) * stride].elementsEqual(gate[range.upperBound..<(row + 1) * stride]))
            }
        }
    }

    @Test("gated SiLU of extreme values", arguments: KernelSet.all)
    func siluExtremes(kernels: KernelSet) {
        var gate: [Float] = [0, -0.0, 100, -100, 3e38, -3e38, .infinity, .nan]
        kernels.table.silu_multiply(&gate, [Float](repeating: 1, count: 8), 1, 8, 8)
        #expect(gate[0] == 0 && gate[1] == 0)
        #expect(gate[2] == 100 && gate[4] == 3e38 && gate[6] == .infinity)
        // The exponential ends at exp(88): what is below -88 is nearly, and need not be wholly, 0.
        #expect(abs(gate[3]) < 1e-35 && abs(gate[5]) <= 2)
        #expect(gate[7].isNaN)
    }

    @Test("addition", arguments: KernelSet.all)
    func add(kernels: KernelSet) {
        var random = SplitMix(seed: 35)
        for count in [1, 7, 8, 31, 64, 100] {
            let (x, start) = (random.normal(count), random.normal(count + 1))
            var y = start
            kernels.table.add(&y, x, Int64(count))
            #expect(y == zip(start, x).map { $0 + $1 } + [start[count]])
        }
    }
}
