import Scheduling
import Testing

@Suite("Penalties, bias and suppression")
struct AdjustmentTests {
    /// Token 0 has 4, 1 has 3, 2 has -1, and all others -2, until adjusted.
    private let logits: [Float] = [4, 3, -1] + [Float](repeating: -2, count: 21)

    /// Draws greedily after the adjustments. Which token wins as another one is raised tells the adjusted logit: the
    /// probe, token 23, is brought to `level` by a bias.
    private func probeWins(
        _ level: Float, generated: Int = 0, history: [TokenID] = [], _ change: (inout SamplingParameters) -> Void
    ) throws -> Bool {
        let parameters = SamplingParameters.greedy {
            change(&$0)
            $0.logitBias.append(LogitBias(token: 23, bias: level + 2))
        }
        return try LogitBench([logits]).draw(parameters, generated: generated, history: history).token == 23
    }

    /// Expects the highest logit to be `value` after the adjustments.
    private func expectHighest(
        _ value: Float, generated: Int = 0, history: [TokenID] = [], sourceLocation: SourceLocation = #_sourceLocation,
        _ change: (inout SamplingParameters) -> Void
    ) throws {
        let above = try probeWins(value + 0.01, generated: generated, history: history, change)
        let below = try probeWins(value - 0.01, generated: generated, history: history, change)
        #expect(above && !below, "the highest logit is not \(value)", sourceLocation: sourceLocation)
    }

    @Test("nothing asked, nothing changed")
    func none() throws {
        try expectHighest(4) { _ in }
        try expectHighest(4, generated: 1, history: [0, 0, 0]) { _ in }
    }

    @Test("bias is added; tokens outside the vocabulary are passed over")
    func bias() throws {
        try expectHighest(10) { $0.logitBias = [LogitBias(token: 2, bias: 11)] }
        try expectHighest(3) { $0.logitBias = [LogitBias(token: 0, bias: -100)] }
        try expectHighest(4) {
            $0.logitBias = [-1, 24, 1 << 30].map { LogitBias(token: $0, bias: 100) }
        }
        try expectHighest(6) { $0.logitBias = [LogitBias(token: 0, bias: 1), LogitBias(token: 0, bias: 1)] }
    }

    @Test("repetition divides positive and multiplies negative logits, once, of prompt and answer")
    func repetition() throws {
        try expectHighest(3, history: [0]) { $0.repetitionPenalty = 2 }
        try expectHighest(2, history: [0, 1, 1, 0, 0]) { $0.repetitionPenalty = 2 }
        try expectHighest(2.5, history: [0, 1]) { $0.repetitionPenalty = 1.6 }
        try expectHighest(8, history: [0]) { $0.repetitionPenalty = 0.5 }
        // A penalised negative logit: with tokens 0 and 1 out of the way, -1 becomes -1.5 and -2 stays.
        try expectHighest(-1.5, history: [2]) {
            $0.repetitionPenalty = 1.5
            $0.logitBias = [LogitBias(token: 0, bias: -50), LogitBias(token: 1, bias: -50)]
        }
        try expectHighest(4, history: [-1, 24, 9]) { $0.repetitionPenalty = 2 }
    }

    @Test("presence counts the answer's tokens once, frequency each time, and neither the prompt's")
    func presenceAndFrequency() throws {
        // The prompt is 0 0 0, the answer 1 0 1.
        let history: [TokenID] = [0, 0, 0, 1, 0, 1]
        try expectHighest(3.5, generated: 3, history: history) { $0.presencePenalty = 0.5 }
        try expectHighest(3.75, generated: 3, history: history) { $0.frequencyPenalty = 0.25 }
        try expectHighest(2, generated: 3, history: history) { ($0.presencePenalty, $0.frequencyPenalty) = (1, 1) }
        try expectHighest(4, generated: 0, history: history) { ($0.presencePenalty, $0.frequencyPenalty) = (1, 1) }
        try expectHighest(7, generated: 3, history: history) { $0.frequencyPenalty = -2 }
    }

    @Test("in order: bias, repetition, presence and frequency")
    func order() throws {
        // (4 + 2) / 2 - 0.5 - 0.25 = 2.25 for token 0; token 1: 3 - 0 stays 3 unless it is out of the way.
        try expectHighest(2.25, generated: 1, history: [0]) {
            $0.logitBias = [LogitBias(token: 0, bias: 2), LogitBias(token: 1, bias: -50)]
            ($0.repetitionPenalty, $0.presencePenalty, $0.frequencyPenalty) = (2, 0.5, 0.25)
        }
    }

    @Test("suppressed tokens cannot be drawn before the least number of tokens stands")
    func suppression() throws {
        let bench = try LogitBench([logits])
        let parameters = SamplingParameters.greedy {
            ($0.minTokens, $0.suppressedUntilMinimum) = (3, [0, 1, -5, 99])
            $0.logitBias = [LogitBias(token: 0, bias: 100)]
        }
        let tokens = try (0..<5).map { try bench.draw(parameters, generated: $0).token }
        #expect(tokens == [2, 2, 2, 0, 0])
        var random = parameters
        random.temperature = 5
        #expect(try (0..<200).allSatisfy { ![0, 1].contains(try bench.draw(random, generated: $0 % 3).token) })
    }

    @Test("draws follow the adjusted logits")
    func adjustedDraws() throws {
        let parameters = SamplingParameters.with {
            $0.logitBias = (3..<24).map { LogitBias(token: $0, bias: 4.5) }
        }
        let adjusted = logits.enumerated().map { $0 >= 3 ? $1 + 4.5 : $1 }
        let tokens = try LogitBench([logits]).tokens(parameters, count: 20_000)
        let (statistic, freedom) = ReferenceSampler(adjusted, SamplingParameters()).chiSquare(tokens)
        #expect(statistic < Double(freedom) + 5 * (2 * Double(freedom)).squareRoot())
    }
}
