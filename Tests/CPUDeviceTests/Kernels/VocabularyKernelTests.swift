import CKernels
import TestTools
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Vocabulary kernels")
struct VocabularyKernelTests {
    private func highest(_ x: [Float], _ kernels: KernelSet) -> (index: Int, value: Float) {
        var value: Float = .nan
        let index = kernels.table.argmax(x, Int64(x.count), &value)
        return (Int(index), value)
    }

    @Test("argmax finds the first of the highest values at any place", arguments: KernelSet.all)
    func argmax(kernels: KernelSet) {
        var random = SplitMix(seed: 41)
        for count in Array(1...20) + [63, 64, 65, 1000] {
            for place in stride(from: 0, to: count, by: max(1, count / 17)) {
                var x = random.normal(count)
                x[place] = 100
                #expect(highest(x, kernels) == (place, 100))
                for later in place..<count where later % 3 == 0 { x[later] = 100 }
                #expect(highest(x, kernels) == (place, 100))
            }
        }
    }

    @Test("argmax passes over NaN", arguments: KernelSet.all)
    func argmaxNaN(kernels: KernelSet) {
        for count in [1, 7, 8, 9, 17, 40] {
            let nan = [Float](repeating: .nan, count: count)
            #expect(highest(nan, kernels).index == -1)
            for place in 0..<count {
                var x = nan
                x[place] = -3
                #expect(highest(x, kernels) == (place, -3))
                x = [Float](repeating: -5, count: count)
                x[place] = .nan
                #expect(highest(x, kernels) == (count == 1 ? (-1, -.infinity) : (place == 0 ? 1 : 0, -5)))
            }
        }
        #expect(highest([-.infinity, .nan, -.infinity], kernels) == (0, -.infinity))
        #expect(highest([1, .infinity, .nan, .infinity], kernels) == (1, .infinity))
        #expect(highest([-0.0, 0], kernels).index == 0)
    }

    @Test("weights and their sum", arguments: KernelSet.all)
    func expSum(kernels: KernelSet) {
        var random = SplitMix(seed: 42)
        for count in [1, 5, 8, 13, 511, 512, 513, 520, 1029, 4096, 49_152] {
            for scale: Float in [1, 0.5, 3] {
                let x = random.normal(count, deviation: 5)
                let shift = x.max()!
                var y = [Float](repeating: .nan, count: count)
                let sum = kernels.table.exp_sum(x, Int64(count), shift, scale, &y)
                let arguments = x.map { Double(($0 - shift) * scale) }
                // Arguments below -87.3 give 0.
                let expected = arguments.map { $0 < Double(Float(-87.3)) ? 0 : exp($0) }
                let bound = expected.map { $0 * 4 * unitRoundoff }
                #expect(worstRatio(y, expected, bound: bound) <= 1)
                let total = y.reduce(0) { $0 + Double($1) }
                // At most 64 values in a row are summed in f32.
                #expect(abs(sum - total) <= total * 70 * unitRoundoff)
            }
        }
    }

    @Test("the exponential is within two units in the last place over its whole range", arguments: KernelSet.all)
    func exponential(kernels: KernelSet) {
        let count = 200_000
        let x = (0..<count).map { Float(-87.3 * Double($0) / Double(count)) }
        var y = x
        _ = kernels.table.exp_sum(x, Int64(count), 0, 1, &y)
        let expected = x.map { exp(Double($0)) }
        #expect(worstRatio(y, expected, bound: expected.map { $0 * 4 * unitRoundoff }) <= 1)
        var one: Float = .nan
        _ = kernels.table.exp_sum([2.5], 1, 2.5, 7, &one)
        #expect(one == 1)
    }

    @Test("weights of infinities and NaN are 0", arguments: KernelSet.all)
    func expSumExtremes(kernels: KernelSet) {
        for offset in 0..<9 {
            let x = [Float](repeating: 1, count: offset) + [.nan, -.infinity, -1e30, 1]
            var y = x
            let sum = kernels.table.exp_sum(x, Int64(x.count), 1, 1, &y)
            #expect(y == [Float](repeating: 1, count: offset) + [0, 0, 0, 1])
            #expect(sum == Double(offset + 1))
        }
    }
}
