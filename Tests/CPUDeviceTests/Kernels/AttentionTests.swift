import CKernels
import CPUDevice
import TestTools
import Testing

@Suite("Attention")
struct AttentionTests {
    static let widths = [8, 16, 64, 80, 128]

    @Test("softmax attention by definition, across block borders", arguments: KernelSet.all, widths)
    func reference(kernels: KernelSet, headDim: Int) {
        for (group, type) in (1...9).flatMap({ group in AttentionCase.types.map { (group, $0) } }) {
            for firstPosition in [0, 5, 15, 16, 31, 40] {
                for rows in [1, 2, 3, 17, 33] {
                    let example = AttentionCase(
                        type, headDim: headDim, group: group, firstPosition: firstPosition, rows: rows,
                        seed: UInt64(group * 1000 + firstPosition * 10 + rows), with: kernels)
                    let expected = example.reference()
                    let worst = worstRatio(
                        example.attend(with: kernels), expected.values, bound: expected.bound)
                    #expect(worst <= 1, "group \(group), \(rows) rows from position \(firstPosition)")
                }
            }
        }
    }

    @Test("several KV heads at a time, by definition", arguments: KernelSet.all)
    func severalHeads(kernels: KernelSet) {
        for (headDim, kvHeads, group, rows) in [(64, 3, 3, 1), (16, 9, 1, 1), (8, 2, 4, 5), (40, 17, 2, 1)] {
            for (firstPosition, type) in [0, 15, 16, 70].flatMap({ at in AttentionCase.types.map { (at, $0) } }) {
                let example = AttentionCase(
                    type, headDim: headDim, kvHeads: kvHeads, group: group, firstPosition: firstPosition, rows: rows,
                    seed: 9,
                    with: kernels)
                let expected = example.reference()
                let worst = worstRatio(example.attend(with: kernels), expected.values, bound: expected.bound)
                #expect(worst <= 1, "\(kvHeads) heads, group \(group), \(rows) rows from position \(firstPosition)")
            }
        }
    }

    /// A decode step of a whole model attends with all heads at once, a part of a prompt head by head: a row's bits must
    /// not tell which it was.
    @Test("a job over several heads gives the bits of jobs over one", arguments: KernelSet.all, [8, 40, 64, 128])
    func headByHead(kernels: KernelSet, headDim: Int) {
        for (kvHeads, type) in [2, 3, 7, 8, 9, 16, 17].flatMap({ heads in AttentionCase.types.map { (heads, $0) } }) {
            for (group, rows) in [(1, 1), (2, 1), (3, 1), (4, 1), (7, 1), (9, 1), (1, 3), (3, 2), (2, 19)] {
                let example = AttentionCase(
                    type, headDim: headDim, kvHeads: kvHeads, group: group, firstPosition: 37, rows: rows,
                    seed: UInt64(kvHeads * 10 + group), with: kernels)
                let whole = example.attend(with: kernels)
                for split in [Array(0...kvHeads), [0, 1, kvHeads]] {
                    for (low, high) in zip(split, split.dropFirst()) where low < high {
                        let part = example.attend(heads: low..<high, with: kernels)
                        let (first, count) = (low * group * headDim, (high - low) * group * headDim)
                        let expected = (0..<rows).flatMap { row in
                            whole[row * example.width + first..<row * example.width + first + count]
                        }
                        #expect(part.bits == expected.bits, "heads \(low)..<\(high) of \(kvHeads), group \(group)")
                    }
                }
            }
        }
    }

    @Test("the first position sees itself alone", arguments: KernelSet.all)
    func single(kernels: KernelSet) {
        let example = AttentionCase(headDim: 64, group: 2, firstPosition: 0, rows: 1, seed: 1, with: kernels)
        let expected = example.reference().values.map { Float($0) }
        #expect(example.attend(with: kernels) == expected)
    }

    @Test("scores far apart: the highest takes all", arguments: KernelSet.all)
    func peaked(kernels: KernelSet) {
        // Key i is the unit vector i, so that a query picks a position: at the front, beside a border, at the end.
        let unit = { (index: Int, length: Float) in (0..<64).map { $0 == index ? length : 0 } }
        let value = { (position: Int) in (0..<64).map { Float(position * 10 + $0 % 10) } }
        for picked in [0, 1, 15, 16, 31, 32, 39] {
            let example = AttentionCase(
                headDim: 64, group: 1, firstPosition: 39, rows: 1, queries: unit(picked, 1000), with: kernels
            ) { (unit($0, 1), value($0)) }
            #expect(example.attend(with: kernels) == value(picked))
        }
    }

    @Test("equal scores: the mean of the values", arguments: KernelSet.all)
    func flat(kernels: KernelSet) {
        let example = AttentionCase(
            headDim: 8, group: 1, firstPosition: 63, rows: 1, queries: [Float](repeating: 0, count: 8), with: kernels
        ) { position in ([Float](repeating: 5, count: 8), [Float](repeating: Float(position), count: 8)) }
        #expect(example.attend(with: kernels) == [Float](repeating: 31.5, count: 8))
    }

    @Test("NaN and infinity in one row's query spoil no other row", arguments: KernelSet.all)
    func spoiled(kernels: KernelSet) {
        let good = AttentionCase(headDim: 16, group: 2, firstPosition: 9, rows: 5, seed: 3, with: kernels)
        for value: Float in [.nan, .infinity, 3e38] {
            var bad = good
            bad.queries[2 * 32 + 5] = value
            let (a, b) = (good.attend(with: kernels), bad.attend(with: kernels))
            #expect(a[..<64].elementsEqual(b[..<64]) && a[80...].elementsEqual(b[80...]))
        }
    }

    /// A scale is the largest element's; whatever lies half-way goes to the even byte.
    @Test("8-bit keys and values: the nearest of 255 steps", arguments: KernelSet.all)
    func bytes(kernels: KernelSet) {
        var random = SplitMix(seed: 31)
        let key = random.normal(64, deviation: 3)
        let value: [Float] = [127, -127, 2.5, 3.5, -2.5, 0.49, 0, 126.51] + [Float](repeating: 0, count: 56)
        let example = AttentionCase(
            TW_KV_Q8, headDim: 64, group: 1, firstPosition: 0, rows: 1, queries: key, with: kernels
        ) { _ in (key, value) }
        let largest = key.map(abs).max()!
        for (given, kept) in zip(key, example.key(0, 0)) {
            #expect(abs(Double(given) - kept) <= Double(largest) / 254 * 1.000001)
        }
        #expect(example.value(0, 0).prefix(8) == [127, -127, 2, 4, -2, 0, 0, 127])
    }

    @Test(
        "8-bit: NaN counts as 0, and so does what is negligible; infinity harms its own token alone",
        arguments: KernelSet.all)
    func oddBytes(kernels: KernelSet) {
        let odd: [[Float]] = [
            [.nan, 127, -127, 0.4, 0, 0, 0, 0], [Float](repeating: 1e-38, count: 8), [Float](repeating: 0, count: 8),
            [.infinity, 1, 1, 1, 1, 1, 1, 1], [127, 2, 3, 4, 5, 6, 7, 8],
        ]
        let example = AttentionCase(
            TW_KV_Q8, headDim: 8, group: 1, firstPosition: 4, rows: 1, queries: [Float](repeating: 0, count: 8),
            with: kernels
        ) { (odd[$0], odd[$0]) }
        #expect(example.value(0, 0).prefix(4) == [0, 127, -127, 0])
        #expect(example.value(1, 0) == [Double](repeating: 0, count: 8))
        #expect(example.value(2, 0) == [Double](repeating: 0, count: 8))
        #expect(example.value(4, 0)[7] == 8 && example.key(4, 0)[7] == 8)
    }
}
