import CPUDevice
import Scheduling
import Testing
import TinyModels

@Suite("Logits of given tokens")
struct LogitsEvaluatorTests {
    static let tokens: [TokenID] = (0..<75).map { (index: Int) in TokenID((index * 53 + index * index * 7) % 200) }

    private func logits(
        _ builder: GGUFBuilder, _ precision: Precision, portable: Bool = false, threads: Int = 1, chunk: Int = 512,
        _ tokens: [TokenID] = Self.tokens
    ) throws -> [Float] {
        let evaluator = try LogitsEvaluator(
            builder.checkpoint(), precision: precision, portableKernels: portable, longest: 80, threads: threads)
        var out: [Float] = []
        try evaluator.evaluate(tokens, chunk: chunk) { out += $0 }
        return out
    }

    @Test("are the same bits for any chunk, threads and kernels", arguments: Precision.allCases)
    func sameBits(precision: Precision) throws {
        let builder = TinyModel().builder
        let expected = try logits(builder, precision).bits
        #expect(expected.count == 75 * 200)
        for portable in [false, true] {
            for threads in 1...3 {
                for chunk in [1, 7, 16, 64, 512] {
                    let other = try logits(builder, precision, portable: portable, threads: threads, chunk: chunk)
                    #expect(other.bits == expected, "portable \(portable), \(threads) threads, chunks of \(chunk)")
                }
            }
        }
    }

    @Test("of a position depend on the tokens up to it alone")
    func causal() throws {
        let builder = TinyModel().builder
        let whole = try logits(builder, .int8)
        var changed = Self.tokens
        changed[40] = (changed[40] + 1) % 200
        let other = try logits(builder, .int8, changed)
        #expect(other[..<(40 * 200)].elementsEqual(whole[..<(40 * 200)]))
        for position in 40..<75 {
            let range = position * 200..<(position + 1) * 200
            #expect(!other[range].elementsEqual(whole[range]), "position \(position) does not see position 40")
        }
    }

    @Test("are those that generation draws from")
    func generation() throws {
        let builder = TinyModel().builder
        let stages = try TinyStages(builder)
        var sequence = TinySequence(request: 0, prompt: Array(Self.tokens.prefix(20)), blocks: [0, 1, 2])
        while sequence.answer.count < 15 { sequence.accept(try stages.execute([sequence.slice()])[0]) }
        let all = try logits(builder, .int8, Array(sequence.tokens.dropLast()))
        let greedy = (19..<34).map { position -> TokenID in
            let row = all[position * 200..<(position + 1) * 200]
            return TokenID(row.firstIndex(of: row.max()!)! - position * 200)
        }
        #expect(greedy == sequence.answer)
    }

    @Test("twice in a row are the same")
    func again() throws {
        let evaluator = try LogitsEvaluator(TinyModel().checkpoint(), precision: .int8, longest: 80)
        var runs: [[Float]] = [[], []]
        for run in 0..<2 {
            try evaluator.evaluate([5, 6, 7]) { _ in }
            try evaluator.evaluate(Self.tokens) { runs[run] += $0 }
        }
        #expect(runs[0].bits == runs[1].bits)
    }

    @Test("the two precisions are close, and not the same")
    func precisions() throws {
        let builder = TinyModel().builder
        let (fast, exact) = (try logits(builder, .int8), try logits(builder, .f32))
        #expect(fast != exact)
        let error = zip(fast, exact).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let size = exact.reduce(0) { $0 + $1 * $1 }
        #expect(error < size * 1e-3)
    }

    @Test("what the model or the memory does not hold is refused")
    func refused() throws {
        let evaluator = try LogitsEvaluator(TinyModel().checkpoint(), precision: .int8, longest: 10)
        for (tokens, part): ([TokenID], String) in [
            ([1, 2, 200], "token 200 at position 2 is not in 0..<200"),
            ([-1], "token -1 at position 0"),
            ([TokenID](repeating: 1, count: 11), "11 tokens were given; there is memory for 10"),
        ] {
            let error = #expect(throws: DeviceError.self) { try evaluator.evaluate(tokens) { _ in } }
            #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
        }
        struct Stop: Error {}
        #expect(throws: Stop.self) { try evaluator.evaluate([1, 2]) { _ in throw Stop() } }
        try evaluator.evaluate([]) { _ in Issue.record("there is no position") }
    }
}
