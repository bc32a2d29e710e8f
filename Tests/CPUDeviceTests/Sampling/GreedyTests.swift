import Scheduling
import TestTools
import Testing

@Suite("Greedy draws")
struct GreedyTests {
    @Test("take the highest logit, the lowest token id on a tie", arguments: [false, true])
    func highest(portable: Bool) throws {
        var random = SplitMix(seed: 71)
        for vocabulary in [16, 20, 100, 1003] {
            var logits = random.normal(vocabulary)
            let places = (0..<3).map { _ in Int.random(in: 0..<vocabulary, using: &random) }
            for place in places { logits[place] = 50 }
            let bench = try LogitBench([logits], portable: portable)
            #expect(try bench.draw(.greedy).token == TokenID(places.min()!))
        }
    }

    @Test("all logits equal: token 0")
    func flat() throws {
        #expect(try LogitBench([[Float](repeating: 2, count: 40)]).draw(.greedy).token == 0)
    }

    @Test("temperatures of 0, below, and too small to divide by, top-k 1, top-p 0 and min-p 1 are greedy")
    func degenerate() throws {
        let bench = try LogitBench([[1, 2, 5, 3] + [Float](repeating: 0, count: 16)])
        let settings: [SamplingParameters] = [
            .with { $0.temperature = 0 }, .with { $0.temperature = -1 }, .with { $0.temperature = .nan },
            .with { $0.temperature = .leastNonzeroMagnitude }, .with { $0.topK = 1 }, .with { $0.topP = 0 },
            .with { $0.minP = 1 },
        ]
        for parameters in settings {
            #expect(try Set(bench.tokens(parameters, count: 200)) == [2], "\(parameters)")
        }
    }

    @Test("NaN logits are never drawn and spoil nothing", arguments: [0, 0.7, 1] as [Float])
    func nan(temperature: Float) throws {
        var logits = [Float](repeating: 1, count: 30)
        for index in stride(from: 0, to: 30, by: 3) { logits[index] = .nan }
        let bench = try LogitBench([logits])
        for topLogprobs in [nil, 4] {
            let parameters = SamplingParameters.with {
                ($0.temperature, $0.topLogprobs, $0.topK) = (temperature, topLogprobs, topLogprobs == nil ? 0 : 7)
            }
            let tokens = try bench.tokens(parameters, count: 300)
            #expect(tokens.allSatisfy { $0 % 3 != 0 })
        }
    }

    @Test("nothing but NaN or -infinity gives token 0")
    func nothing() throws {
        for value: Float in [.nan, -.infinity] {
            let bench = try LogitBench([[Float](repeating: value, count: 20)])
            for parameters in [SamplingParameters.greedy, SamplingParameters(), .with { $0.topP = 0.5 }] {
                #expect(try bench.draw(parameters).token == 0)
            }
        }
    }

    @Test("infinite and huge logits are certain")
    func infinite() throws {
        for value: Float in [.infinity, 3e38] {
            var logits = [Float](repeating: 1, count: 20)
            logits[7] = value
            logits[3] = -.infinity
            let bench = try LogitBench([logits])
            for parameters in [SamplingParameters.greedy, SamplingParameters(), .with { $0.minP = 0.1 }] {
                #expect(try Set(bench.tokens(parameters, count: 50)) == [7])
            }
        }
    }
}
