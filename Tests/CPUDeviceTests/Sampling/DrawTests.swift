import Scheduling
import TestTools
import Testing

@Suite("Random draws")
struct DrawTests {
    @Test("follow the softmax at each temperature", arguments: [0.5, 1, 2.5] as [Float])
    func softmax(temperature: Float) throws {
        var random = SplitMix(seed: 81)
        let logits = random.normal(32)
        let bench = try LogitBench([logits])
        for key: UInt64 in [0, 1, .max] {
            let parameters = SamplingParameters.with { ($0.temperature, $0.seedKey) = (temperature, key) }
            try expectFollows(try bench.tokens(parameters, count: 20_000), logits, parameters)
        }
    }

    @Test("of the same position under many keys follow the softmax too")
    func keys() throws {
        var random = SplitMix(seed: 82)
        let logits = random.normal(24)
        let tasks = (0..<UInt64(20_000)).map { key in
            (0, SamplingTask(parameters: .with { $0.seedKey = key }, generated: 3, history: []))
        }
        let tokens = try LogitBench([logits]).draw(tasks).map(\.token)
        try expectFollows(tokens, logits, SamplingParameters())
    }

    @Test("of a cut distribution follow what is left of it")
    func cut() throws {
        var random = SplitMix(seed: 83)
        let logits = random.normal(40)
        let bench = try LogitBench([logits])
        let settings: [SamplingParameters] = [
            .with { $0.topK = 12 }, .with { $0.topP = 0.8 }, .with { $0.minP = 0.1 },
            .with { ($0.topK, $0.topP, $0.temperature) = (20, 0.9, 1.5) },
        ]
        for parameters in settings { try expectFollows(bench.tokens(parameters, count: 20_000), logits, parameters) }
    }

    private func expectFollows(
        _ tokens: [TokenID], _ logits: [Float], _ parameters: SamplingParameters,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let (statistic, freedom) = ReferenceSampler(logits, parameters).chiSquare(tokens)
        // Mean n and variance 2n, so that five deviations are passed by fewer than 1 in 10,000 true samplers.
        let limit = Double(freedom) + 5 * (2 * Double(freedom)).squareRoot()
        #expect(statistic < limit, "\(parameters)", sourceLocation: sourceLocation)
    }

    @Test("depend on key, position and logits alone: not on the batch, its order, or the threads")
    func repeatable() throws {
        var random = SplitMix(seed: 84)
        let rows = (0..<16).map { _ in random.normal(300, deviation: 2) }
        let bench = try LogitBench(rows)
        let tasks = (0..<400).map { index -> (row: Int, task: SamplingTask) in
            let parameters = SamplingParameters.with {
                $0.seedKey = UInt64(index % 7)
                $0.topP = index % 3 == 0 ? 0.9 : 1
                $0.topK = index % 5 == 0 ? 20 : 0
            }
            return (index % 16, SamplingTask(parameters: parameters, generated: index / 16, history: []))
        }
        let alone = try tasks.map { try bench.draw([$0])[0] }
        #expect(Set(alone.map(\.token)).count > 50)
        #expect(try bench.draw(tasks) == alone)
        for threads in 2...3 { #expect(try LogitBench(rows, threads: threads).draw(tasks) == alone) }
        #expect(try LogitBench(rows, portable: true).draw(tasks) == alone)
        let order = tasks.indices.shuffled(using: &random)
        let shuffled = try bench.draw(order.map { tasks[$0] })
        for (place, index) in order.enumerated() { #expect(shuffled[place] == alone[index]) }
    }

    @Test("of one key are the same each time, of another key they are not")
    func seeds() throws {
        var random = SplitMix(seed: 85)
        let bench = try LogitBench([random.normal(100)])
        let answers = try (0..<20).map { key in
            try bench.tokens(.with { $0.seedKey = UInt64(key) }, count: 30)
        }
        #expect(Set(answers).count == 20)
        #expect(try bench.tokens(.with { $0.seedKey = 7 }, count: 30) == answers[7])
    }
}
