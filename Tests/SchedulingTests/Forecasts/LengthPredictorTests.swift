import Scheduling
import TestTools
import Testing

@Suite struct LengthPredictorTests {
    private static func predictors(respectsLimit: Bool) -> [any LengthPredictor] {
        [
            ConstantPredictor(tokens: 1, respectsLimit: respectsLimit),
            ConstantPredictor(tokens: 300, respectsLimit: respectsLimit),
            PromptLengthPredictor(respectsLimit: respectsLimit), HistoryPredictor(respectsLimit: respectsLimit),
            HistoryPredictor(respectsLimit: respectsLimit, capacity: 3),
            HistoryPredictor(estimate: .percentile(0.9), respectsLimit: respectsLimit, capacity: 50),
            LearnedPredictor(respectsLimit: respectsLimit),
        ]
    }

    /// At every point of learning, whatever is asked.
    @Test(arguments: 0..<20)
    func alwaysMoreThanThereIsAndWithinTheLimit(seed: Int) {
        for respectsLimit in [true, false] {
            for predictor in Self.predictors(respectsLimit: respectsLimit) + [OraclePredictor()] {
                var random = SplitMix(seed: seed)
                var predictor = predictor
                for _ in 0..<300 {
                    let facts = AnswerFacts(
                        request: RequestID(0), promptTokens: random.int(0...5000),
                        generated: random.element([0, random.int(0...50), random.int(0...3000)]),
                        limit: random.element([1, random.int(1...100), random.int(1...4000)]),
                        forecast: random.element([nil, LengthForecast(tokens: random.int(0...3000))]))
                    let tokens = predictor.answerTokens(facts)
                    #expect(tokens > facts.generated, "\(predictor.name) \(facts)")
                    if respectsLimit || predictor is OraclePredictor {
                        let isWithin = tokens <= facts.limit || facts.generated >= facts.limit
                        #expect(isWithin, "\(predictor.name) \(facts)")
                    }
                    predictor.observe(promptTokens: facts.promptTokens, generated: random.int(1...2000))
                }
            }
        }
    }

    /// In a benchmark the limit is the true length: only the oracle may look at it.
    @Test func whoDoesNotRespectTheLimitDoesNotSeeIt() {
        for predictor in Self.predictors(respectsLimit: false) {
            var random = SplitMix(seed: 5)
            var predictor = predictor
            for _ in 0..<200 {
                var facts = facts(generated: random.int(0...400), prompt: random.int(1...1000), limit: 1)
                let tokens = predictor.answerTokens(facts)
                for limit in [2, 100, 100_000] {
                    facts.limit = limit
                    #expect(predictor.answerTokens(facts) == tokens, "\(predictor.name)")
                }
                predictor.observe(promptTokens: facts.promptTokens, generated: random.int(1...500))
            }
        }
    }

    @Test func wildNumbersAreHarmless() {
        for predictor in Self.predictors(respectsLimit: true) {
            var predictor = predictor
            for number in [Int.min, -1, 0, 1, .max] {
                for _ in 0..<10 { predictor.observe(promptTokens: number, generated: number) }
            }
            for prompt in [Int.min, 0, .max] {
                #expect(predictor.answerTokens(facts(generated: 5, prompt: prompt, limit: .max)) > 5)
            }
        }
    }

    @Test func theOracleTakesTheLimitForTheTruth() {
        var oracle = OraclePredictor()
        #expect(oracle.answerTokens(facts(generated: 0, limit: 70)) == 70)
        #expect(oracle.answerTokens(facts(generated: 69, limit: 70)) == 70)
        #expect(oracle.answerTokens(facts(generated: 70, limit: 70)) == 71)
        oracle.observe(promptTokens: 1, generated: 5)
        #expect(oracle.answerTokens(facts(generated: 0, limit: 70)) == 70)
    }

    @Test func theConstantIsItselfUntilOutlived() {
        let predictor = ConstantPredictor(tokens: 100, respectsLimit: false)
        #expect(predictor.answerTokens(facts(generated: 0, limit: 70)) == 100)
        #expect(predictor.answerTokens(facts(generated: 99, limit: 70)) == 100)
        #expect(predictor.answerTokens(facts(generated: 100, limit: 70)) == 101)
        #expect(ConstantPredictor(tokens: 100, respectsLimit: true).answerTokens(facts(generated: 0, limit: 70)) == 70)
    }

    // MARK: prompt length

    @Test func answersFollowTheLengthOfTheirPrompts() {
        var predictor = PromptLengthPredictor(respectsLimit: false)
        #expect(predictor.answerTokens(facts(generated: 0, prompt: 10)) == 256)
        var random = SplitMix(seed: 2)
        for _ in 0..<500 {
            predictor.observe(promptTokens: random.int(8...15), generated: random.int(30...50))
            predictor.observe(promptTokens: random.int(512...1023), generated: random.int(600...1000))
        }
        #expect(abs(predictor.answerTokens(facts(generated: 0, prompt: 8)) - 40) <= 5)
        #expect(abs(predictor.answerTokens(facts(generated: 0, prompt: 1023)) - 800) <= 20)
        // Of other prompts it expects what all had.
        #expect(abs(predictor.answerTokens(facts(generated: 0, prompt: 100)) - 420) <= 20)
        // It is not out of reach of news.
        for _ in 0..<5000 { predictor.observe(promptTokens: 10, generated: 300) }
        #expect(abs(predictor.answerTokens(facts(generated: 0, prompt: 10)) - 300) <= 10)
    }

    @Test func anAnswerThatOutlivedTheMeanGoesOnAsOthersDid() {
        var predictor = PromptLengthPredictor(respectsLimit: false)
        for _ in 0..<500 {
            for length in [10, 10, 10, 170] { predictor.observe(promptTokens: 20, generated: length) }
        }
        #expect(abs(predictor.answerTokens(facts(generated: 20, prompt: 20)) - 50) <= 3)
        // The long ones had 120 tokens more than the mean of 50.
        #expect(abs(predictor.answerTokens(facts(generated: 60, prompt: 20)) - 180) <= 10)
    }

    private func facts(generated: Int, prompt: Int = 10, limit: Int = 1_000_000) -> AnswerFacts {
        AnswerFacts(request: RequestID(1), promptTokens: prompt, generated: generated, limit: limit)
    }
}
