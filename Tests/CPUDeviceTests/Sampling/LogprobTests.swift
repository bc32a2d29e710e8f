import Scheduling
import TestTools
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Log-probabilities")
struct LogprobTests {
    private func logSoftmax(_ logits: [Float]) -> [Double] {
        let highest = Double(logits.max()!)
        let logSum = highest + log(logits.reduce(0) { $0 + exp(Double($1) - highest) })
        return logits.map { Double($0) - logSum }
    }

    @Test("are those of the model, and absent unless asked for")
    func drawn() throws {
        var random = SplitMix(seed: 91)
        for vocabulary in [20, 1000] {
            let logits = random.normal(vocabulary, deviation: 4)
            let bench = try LogitBench([logits])
            let expected = logSoftmax(logits)
            let plain = try bench.draw(SamplingParameters())
            #expect(plain.logprob == nil && plain.top.isEmpty)
            for position in 0..<20 {
                let sample = try bench.draw(.with { $0.topLogprobs = 0 }, generated: position)
                #expect(sample.top.isEmpty)
                let logprob = try #require(sample.logprob)
                #expect(abs(Double(logprob) - expected[Int(sample.token)]) < 1e-5)
                #expect(sample.token == (try bench.draw(SamplingParameters(), generated: position).token))
            }
        }
    }

    @Test("of the most likely tokens come highest first, the lower id first among equals")
    func top() throws {
        var random = SplitMix(seed: 92)
        var logits = random.normal(50)
        (logits[10], logits[30], logits[40]) = (9, 9, 8)
        let expected = logSoftmax(logits)
        let order = logits.indices.sorted { (logits[$0], -$0) > (logits[$1], -$1) }
        let bench = try LogitBench([logits])
        for count in [1, 2, 3, 20, 50, 60] {
            let top = try bench.draw(.with { $0.topLogprobs = count }).top
            #expect(top.map { Int($0.token) } == Array(order.prefix(count)))
            for entry in top { #expect(abs(Double(entry.logprob) - expected[Int(entry.token)]) < 1e-5) }
        }
        #expect(order.prefix(3) == [10, 30, 40])
    }

    @Test("are those before temperature, penalties, bias and cuts")
    func raw() throws {
        var random = SplitMix(seed: 93)
        let logits = random.normal(30)
        let bench = try LogitBench([logits])
        let expected = logSoftmax(logits)
        let parameters = SamplingParameters.with {
            ($0.temperature, $0.topK, $0.topLogprobs) = (0.3, 5, 3)
            ($0.repetitionPenalty, $0.presencePenalty) = (3, 1)
            $0.logitBias = [LogitBias(token: 12, bias: 100)]
            ($0.minTokens, $0.suppressedUntilMinimum) = (10, [3])
        }
        let sample = try bench.draw(parameters, generated: 2, history: [1, 2, 12, 12])
        #expect(sample.token == 12)
        #expect(abs(Double(try #require(sample.logprob)) - expected[12]) < 1e-5)
        #expect(sample.top == (try bench.draw(.greedy { $0.topLogprobs = 3 }).top))
    }

    @Test("NaN logits are left out of the most likely tokens")
    func nan() throws {
        var logits = [Float](repeating: 0, count: 20)
        (logits[0], logits[5]) = (.nan, 1)
        let sample = try LogitBench([logits]).draw(.greedy { $0.topLogprobs = 3 })
        #expect(sample.token == 5)
        #expect(sample.top.map(\.token) == [5, 1, 2])
        #expect(abs(Double(try #require(sample.logprob)) - (1 - log(exp(1) + 18))) < 1e-5)
    }
}
