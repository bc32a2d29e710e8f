import CPUDevice
import Scheduling
import TestTools
import Testing

/// An output head that is shared out over stages draws what a whole one draws, to the bit.
@Suite("Shared output head", .timeLimit(.minutes(30)))
struct SharedHeadTests {
    static let vocabulary = 92
    /// All ways to cut 6 units of 16 tokens (the last one short) among three stages, some of them with nothing.
    static let cuts: [[Range<Int>]] = (0...6).flatMap { first in
        (first...6).map { second in
            let edges = [0, first, second, 6].map { min($0 * 16, vocabulary) }
            return zip(edges, edges.dropFirst()).map { $0..<$1 }
        }
    }

    /// All kinds of draws.
    static let tasks: [SamplingTask] = {
        let history: [TokenID] = [1, 5, 9, 5, 60, 91]
        var tasks: [SamplingTask] = []
        func add(generated: Int = 2, _ change: (inout SamplingParameters) -> Void) {
            var parameters = SamplingParameters.greedy
            change(&parameters)
            tasks.append(SamplingTask(parameters: parameters, generated: generated, history: history))
        }
        add { _ in }
        add { $0.temperature = .leastNonzeroMagnitude }
        add { ($0.temperature, $0.topK) = (1, 1) }
        for seed: UInt64 in 0..<6 {
            add { ($0.temperature, $0.seedKey) = (0.8, seed) }
            add { ($0.temperature, $0.seedKey, $0.topK) = (1.5, seed, 7) }
            add { ($0.temperature, $0.seedKey, $0.topP, $0.minP) = (1, seed, 0.8, 0.01) }
        }
        add { $0.topLogprobs = 5 }
        add { ($0.temperature, $0.topLogprobs, $0.seedKey) = (1, 0, 3) }
        add { $0.repetitionPenalty = 3 }
        add { ($0.presencePenalty, $0.frequencyPenalty) = (1, 1) }
        add { $0.logitBias = [LogitBias(token: 40, bias: 4), LogitBias(token: 91, bias: 4.5)] }
        for generated in [1, 2] {
            add(generated: generated) { ($0.minTokens, $0.suppressedUntilMinimum) = (2, [0, 16, 21, 32, 60, 91]) }
        }
        return tasks
    }()

    private static let rows: [[Float]] = {
        var random = SplitMix(seed: 5)
        return (0..<8).map { _ in (0..<vocabulary).map { _ in Float.random(in: -3...3, using: &random) } }
    }()

    private func draws(_ bench: LogitBench) throws -> [SampledToken] {
        try bench.draw(Self.rows.indices.flatMap { row in Self.tasks.map { (row, $0) } })
    }

    @Test("any cut of the vocabulary, any order of the shares and size of the pieces, any draw")
    func cuts() throws {
        let expected = try draws(LogitBench(Self.rows))
        #expect(Set(expected.map(\.token)).count > 15)
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
        for (index, shares) in Self.cuts.enumerated() {
            for threads in 1...2 {
                let bench = try LogitBench(
                    Self.rows, threads: threads, shares: shares, order: orders[index % orders.count],
                    pieceTokens: [nil, 16, 48][index % 3])
                #expect(try draws(bench) == expected, "\(shares) on \(threads) threads")
            }
        }
    }

    @Test(
        "of equal logits in two shares the lower token wins, whoever comes first", arguments: [[0, 1, 2], [2, 1, 0]])
    func ties(order: [Int]) throws {
        let shares = [0..<32, 32..<64, 64..<92]
        for (first, second) in [(3, 35), (0, 91), (31, 32), (40, 80), (65, 66), (15, 16)] {
            for value: Float in [2, 0, -1] {
                var row = [Float](repeating: -2, count: Self.vocabulary)
                (row[first], row[second]) = (value, value == 0 ? -0.0 : value)
                let bench = try LogitBench([row], shares: shares, order: order)
                #expect(try bench.draw(.greedy).token == TokenID(first), "\(first) and \(second) have \(value)")
                #expect(try bench.draw(.greedy { $0.topLogprobs = 1 }).token == TokenID(first))
            }
        }
    }

    @Test("broken logits in some shares")
    func broken() throws {
        var rows = [[Float]](repeating: [Float](repeating: .nan, count: Self.vocabulary), count: 5)
        rows[1] = [Float](repeating: -.infinity, count: Self.vocabulary)
        rows[2][85] = -5
        rows[3] = rows[1]
        (rows[3][60], rows[3][2]) = (.nan, .nan)
        rows[4] = [Float](repeating: 0, count: Self.vocabulary)
        (rows[4][40], rows[4][80]) = (.infinity, .infinity)
        for (row, expected) in zip(rows, [0, 0, 85, 0, 40]) {
            for shares in [[0..<92], [0..<16, 16..<80, 80..<92], [0..<0, 0..<32, 32..<92]] {
                let bench = try LogitBench([row], shares: shares)
                #expect(try bench.draw(.greedy).token == TokenID(expected), "\(expected) of \(shares)")
                #expect(try bench.draw(.with { $0.seedKey = 4 }).token == TokenID(expected), "\(expected) of \(shares)")
            }
        }
    }

    @Test("the highest of candidates does not depend on their order")
    func merging() {
        let values: [Float] = [1, 1, 0.5, -.infinity, .nan, 1]
        let tokens: [TokenID] = [9, 4, 1, 0, 2, 7]
        for start in values.indices {
            for step in [1, 5] {
                var best = HighestLogit.none
                for index in values.indices {
                    let at = (start + index * step) % values.count
                    best.take(HighestLogit(value: values[at], token: tokens[at]))
                }
                #expect(best == HighestLogit(value: 1, token: 4))
            }
        }
        var none = HighestLogit.none
        none.take(HighestLogit(value: -.infinity, token: 5))
        none.take(HighestLogit(value: .nan, token: 6))
        #expect(none == .none && none.token == 0)
    }

    @Test("rows that wait for all logits are cut into groups of 16 to 31; the settled ones stay together")
    func groups() {
        let pool = ActivationPool()
        for (settled, others) in [(0, 0), (1, 0), (0, 1), (300, 0), (0, 300), (7, 15), (40, 16), (3, 31), (3, 32)] {
            var kinds = [Bool](repeating: true, count: settled) + [Bool](repeating: false, count: others)
            var random = SplitMix(seed: UInt64(settled + others))
            kinds.shuffle(using: &random)
            // Every third slice draws nothing.
            let slices = kinds.enumerated().flatMap { index, settled -> [SequenceSlice] in
                let task = SamplingTask(parameters: settled ? .greedy : .init(), generated: index, history: [])
                return (index % 2 == 0 ? [nil, task] : [task]).map {
                    SequenceSlice(request: RequestID(0), start: 0, tokens: [1], blocks: [0], sampling: $0)
                }
            }
            let batch = MicroBatch(id: MicroBatchID(8), phase: .mixed, slices: slices)
            let rows = pool.take(rows: kinds.count, width: 1)
            let groups = DrawGroup.groups(of: batch, rows: rows, vocabulary: 44, pool: pool)
            #expect(groups.count { $0.takesHighest } == (settled > 0 ? 1 : 0))
            #expect(groups.flatMap(\.indices).sorted() == Array(kinds.indices))
            for group in groups {
                #expect(group.indices.allSatisfy { kinds[$0] == group.takesHighest })
                #expect(group.tasks.map(\.generated) == group.indices)
                #expect(
                    zip(group.slices, group.tasks).allSatisfy { slices[$0].draws.first?.task.generated == $1.generated }
                )
                #expect(group.batch == batch.id && group.stride == 48)
            }
            let sizes = groups.filter { !$0.takesHighest }.map(\.indices.count)
            #expect(sizes.allSatisfy { $0 < 32 && $0 >= min(16, others) })
        }
    }
}
