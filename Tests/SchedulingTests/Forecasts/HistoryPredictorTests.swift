import Scheduling
import TestTools
import Testing

@Suite struct HistoryPredictorTests {
    private func facts(_ generated: Int) -> AnswerFacts {
        AnswerFacts(request: RequestID(1), promptTokens: 10, generated: generated, limit: 1_000_000)
    }

    @Test func beforeAnythingWasSeenAnAnswerGoesOnFor256Tokens() {
        for estimate in [HistoryPredictor.Estimate.mean, .percentile(0.5)] {
            let predictor = HistoryPredictor(estimate: estimate, respectsLimit: false)
            #expect(predictor.answerTokens(facts(0)) == 256)
            #expect(predictor.answerTokens(facts(500)) == 756)
        }
    }

    /// Against the definition, over a window that forgets.
    @Test(arguments: 0..<20)
    func theMeanOfTheLongerOnes(seed: Int) {
        var random = SplitMix(seed: seed)
        let capacity = random.int(1...60)
        var predictor = HistoryPredictor(respectsLimit: false, capacity: capacity)
        var seen: [Int] = []
        for _ in 0..<300 {
            let generated = random.int(0...120)
            let window = seen.suffix(capacity)
            let longer = window.filter { $0 > generated }
            let usual = Double(window.reduce(0, +) + 4 * 256) / Double(window.count + 4)
            let rest = longer.reduce(0.0) { $0 + Double($1 - generated) }
            let expected = Double(generated) + (rest + 4 * usual) / Double(longer.count + 4)
            #expect(abs(Double(predictor.answerTokens(facts(generated))) - expected) <= 0.5 + 1e-6)
            let length = random.element([random.int(1...100), 7])
            seen.append(length)
            predictor.observe(promptTokens: 1, generated: length)
        }
    }

    @Test(arguments: [0.1, 0.5, 0.9])
    func aPercentileOfTheLongerOnes(share: Double) {
        var predictor = HistoryPredictor(estimate: .percentile(share), respectsLimit: false)
        for length in (1...1000).reversed() { predictor.observe(promptTokens: 1, generated: length) }
        #expect(abs(Double(predictor.answerTokens(facts(0))) - share * 1000) <= 1)
        #expect(abs(Double(predictor.answerTokens(facts(600))) - (600 + share * 400)) <= 1)
        // Four longer answers are enough for it, three are not.
        #expect((997...1000).contains(predictor.answerTokens(facts(996))))
        #expect(predictor.answerTokens(facts(997)) > 1100)
    }

    @Test func equalAnswersAreExpectedAgain() {
        var predictor = HistoryPredictor(respectsLimit: false)
        for _ in 0..<2048 { predictor.observe(promptTokens: 1, generated: 128) }
        for generated in [0, 1, 64, 127] { #expect(abs(predictor.answerTokens(facts(generated)) - 128) <= 1) }
    }

    /// What matters to a pool: the error of the sum over many answers, each at every stage of its growth.
    @Test(arguments: 0..<5)
    func theSumOverManyAnswersIsNearTheTruth(seed: Int) {
        var random = SplitMix(seed: seed)
        // Many short ones and a long tail.
        func length() -> Int { random.int(1...40) * random.element([1, 1, 2, 4, 16]) }
        var predictor = HistoryPredictor(respectsLimit: false)
        for _ in 0..<3000 { predictor.observe(promptTokens: 1, generated: length()) }
        var predicted = 0
        var actual = 0
        for _ in 0..<2000 {
            let truth = length()
            for generated in stride(from: 0, to: truth, by: 16) {
                predicted += predictor.answerTokens(facts(generated)) - generated
                actual += truth - generated
            }
        }
        #expect(abs(Double(predicted) / Double(actual) - 1) < 0.1)
    }
}
