import Scheduling
import TestTools
import Testing

/// Top-k, top-p and min-p keep exactly the right tokens: each kept one is drawn, and no other.
@Suite("Cut distributions")
struct CutTests {
    /// Logits within 2 of each other, so that each kept one of 24 has a chance of at least 1 in 200: all are drawn in
    /// 4,000 draws but for 1 time in 10^8.
    private func expectKept(_ logits: [Float], _ settings: [SamplingParameters]) throws {
        let bench = try LogitBench([logits])
        for parameters in settings {
            let drawn = try Set(bench.tokens(parameters, count: 4000))
            #expect(drawn == ReferenceSampler(logits, parameters).tokens, "\(parameters)")
        }
    }

    private func logits(seed: UInt64) -> [Float] {
        var random = SplitMix(seed: seed)
        return (0..<24).map { _ in Float.random(in: 0...2, using: &random) }
    }

    @Test("top-k", arguments: 1...4)
    func topK(seed: Int) throws {
        try expectKept(logits(seed: UInt64(seed)), [1, 2, 3, 7, 23, 24, 25, 1000].map { k in .with { $0.topK = k } })
    }

    @Test("top-p", arguments: 1...4)
    func topP(seed: Int) throws {
        let values: [Float] = [0.01, 0.1, 0.3, 0.5, 0.9, 0.99, 0.999]
        try expectKept(logits(seed: UInt64(seed)), values.map { p in .with { $0.topP = p } })
    }

    @Test("min-p", arguments: 1...4)
    func minP(seed: Int) throws {
        let values: [Float] = [0.01, 0.15, 0.3, 0.5, 0.9, 1]
        try expectKept(logits(seed: UInt64(seed)), values.map { p in .with { $0.minP = p } })
    }

    @Test("all together: min-p, then top-k, then top-p of what is left", arguments: 1...4)
    func together(seed: Int) throws {
        var random = SplitMix(seed: UInt64(seed))
        let settings = (0..<25).map { _ in
            SamplingParameters.with {
                $0.topK = Int.random(in: 0...24, using: &random)
                $0.topP = Float.random(in: 0.2...1.05, using: &random)
                $0.minP = Bool.random(using: &random) ? 0 : Float.random(in: 0...0.6, using: &random)
                $0.temperature = Float.random(in: 0.8...2, using: &random)
            }
        }
        try expectKept(logits(seed: UInt64(seed)), settings)
    }

    @Test("top-k as large as the vocabulary changes nothing, whatever else is cut")
    func wholeVocabulary() throws {
        let logits = logits(seed: 9)
        let bench = try LogitBench([logits])
        for (topP, minP): (Float, Float) in [(0.7, 0), (0.7, 0.3), (0.9, 0.5), (1, 0.2)] {
            let kept = try [0, 24].map { k in
                try Set(bench.tokens(.with { ($0.topK, $0.topP, $0.minP) = (k, topP, minP) }, count: 4000))
            }
            #expect(kept[0] == kept[1])
        }
    }

    @Test("ties at the edge go to the lower token ids")
    func ties() throws {
        var logits = [Float](repeating: 1, count: 24)
        logits[20] = 2
        let bench = try LogitBench([logits])
        #expect(try Set(bench.tokens(.with { $0.topK = 4 }, count: 4000)) == [20, 0, 1, 2])
        // exp(1) of exp(1) + 23: one more token of 1 / 25.718 each makes 0.1446, two make 0.1834.
        #expect(try Set(bench.tokens(.with { $0.topP = 0.15 }, count: 4000)) == [20, 0, 1])
        let flat = try LogitBench([[Float](repeating: 3, count: 20)])
        #expect(try Set(flat.tokens(.with { $0.minP = 1 }, count: 4000)).count == 20)
        #expect(try Set(flat.tokens(.with { $0.topP = 0.5 }, count: 4000)) == Set(0..<10))
    }

    @Test("a peaked distribution over a large vocabulary, where the few likely tokens settle the question")
    func peaked() throws {
        var random = SplitMix(seed: 10)
        var logits = (0..<5000).map { _ in Float.random(in: -12 ... -8, using: &random) }
        for (index, place) in [17, 4999, 2500, 0].enumerated() { logits[place] = 1 - Float(index) / 4 }
        let bench = try LogitBench([logits])
        #expect(try Set(bench.tokens(.with { $0.topP = 0.9 }, count: 2000)) == [17, 4999, 2500, 0])
        #expect(try Set(bench.tokens(.with { $0.topP = 0.5 }, count: 2000)) == [17, 4999])
        #expect(try Set(bench.tokens(.with { $0.topK = 3 }, count: 2000)) == [17, 4999, 2500])
        #expect(try Set(bench.tokens(.with { $0.minP = 0.7 }, count: 2000)) == [17, 4999])
        // Far down: 40 of the 5,000 unlikely tokens must be looked at, at a temperature that levels them.
        let parameters = SamplingParameters.with { ($0.topK, $0.temperature) = (44, 100) }
        let expected = ReferenceSampler(logits, parameters).tokens
        #expect(try Set(bench.tokens(parameters, count: 4000)) == expected)
    }
}
