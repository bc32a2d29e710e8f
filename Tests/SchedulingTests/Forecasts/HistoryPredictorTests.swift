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

    /// The product-limit estimate by its definition: over all lengths, one minus those that ended at it over those that
    /// reached it.
    private func chance(ofMoreThan tokens: Int, ended: [Int], running: [Int]) -> Double {
        Set(ended).filter { $0 <= tokens }.reduce(1.0) { chance, length in
            let atRisk = ended.filter { $0 >= length }.count + running.filter { $0 >= length }.count
            return chance * (1 - Double(ended.filter { $0 == length }.count) / Double(atRisk))
        }
    }

    @Test(arguments: 0..<40)
    func answersThatRunAreCensored(seed: Int) {
        var random = SplitMix(seed: seed)
        var predictor = HistoryPredictor(respectsLimit: false)
        let ended = (0..<random.int(20...200)).map { _ in random.int(1...60) }
        // None runs that is as long as the longest that ended, so the estimate is known to its end.
        let running = (0..<random.int(0...200)).map { _ in random.int(0...(ended.max()! - 1)) }
        for length in ended { predictor.observe(promptTokens: 1, generated: length) }
        predictor.observe(running: running.map(facts))
        for generated in [0, 5, 20, 40] {
            let alive = chance(ofMoreThan: generated, ended: ended, running: running)
            guard alive > 0 else { continue }
            let known =
                (generated..<60).reduce(0.0) { $0 + chance(ofMoreThan: $1, ended: ended, running: running) } / alive
            let count = Double(ended.filter { $0 > generated }.count + running.filter { $0 > generated }.count)
            let all = Double(ended.count + running.filter { $0 > 0 }.count)
            let mean = (0..<60).reduce(0.0) { $0 + chance(ofMoreThan: $1, ended: ended, running: running) }
            let usual = (all * mean + 4 * 256) / (all + 4)
            let expected = Double(generated) + (count * known + 4 * usual) / (count + 4)
            #expect(abs(Double(predictor.answerTokens(facts(generated))) - expected) <= 0.5 + 1e-6)
        }
    }

    /// Many answers begin together; a quarter of them has ended. The mean of those is far too short.
    @Test(arguments: 0..<10)
    func theFirstToEndDoNotMislead(seed: Int) {
        var random = SplitMix(seed: seed)
        let lengths = (0..<1000).map { _ in random.int(1...40) * random.element([1, 2, 4, 8]) }
        let age = lengths.sorted()[250]
        var predictor = HistoryPredictor(respectsLimit: false)
        for length in lengths where length <= age { predictor.observe(promptTokens: 1, generated: length) }
        let truth = Double(lengths.reduce(0, +)) / 1000
        #expect(Double(predictor.answerTokens(facts(0))) < 0.3 * truth)
        predictor.observe(running: lengths.filter { $0 > age }.map { _ in facts(age) })
        #expect(Double(predictor.answerTokens(facts(0))) > 0.9 * truth)
    }

    /// The mean of the likely lengths is above what is expected by one standard error, which is small where many answers
    /// are known.
    @Test(arguments: 0..<20)
    func likelyLengthsAreExpectedWithinTheirError(seed: Int) {
        var random = SplitMix(seed: seed)
        var predictor = HistoryPredictor(respectsLimit: false)
        let known = (0..<random.int(0...500)).map { _ in random.int(1...400) }
        for length in known { predictor.observe(promptTokens: 1, generated: length) }
        predictor.observe(running: (0..<random.int(0...300)).map { _ in facts(random.int(0...500)) })
        for generated in [0, 3, 100, 399, 800] {
            let likely = predictor.likelyLengths(facts(generated))
            let lengths = (0..<LikelyLengths.count).map { likely[$0] }
            #expect(lengths == lengths.sorted() && lengths[0] > generated)
            let mean = Double(lengths.reduce(0, +)) / Double(LikelyLengths.count)
            let expected = Double(predictor.answerTokens(facts(generated)))
            // A spread of twice the mean, over the answers that are longer and the four of the prior.
            let answers = Double(known.count { $0 > generated } + 4)
            let most = expected + 2 * (expected - Double(generated)) / answers.squareRoot()
            #expect(mean >= expected - 1.5 && mean <= most + 1.5, "\(lengths)")
        }
    }

    /// Shares that are spread evenly give lengths like those that were observed, and beyond `generated`.
    @Test func possibleLengthsFollowTheObservedOnes() {
        var predictor = HistoryPredictor(respectsLimit: false)
        let lengths = (0..<1000).map { 1 + $0 * $0 % 613 }
        for length in lengths { predictor.observe(promptTokens: 8, generated: length) }
        func possible(beyond generated: Int) -> [Int] {
            (0..<2000).map { turn in
                let facts = AnswerFacts(request: RequestID(1), promptTokens: 8, generated: generated, limit: 10_000)
                return predictor.possibleLength(facts, share: (Double(turn) + 0.5) / 2000)
            }
        }
        for beyond in [0, 100, 400] {
            let longer = lengths.filter { $0 > beyond }.sorted()
            let drawn = possible(beyond: beyond).sorted()
            #expect(drawn[0] > beyond)
            for share in [0.1, 0.25, 0.5, 0.75, 0.9] {
                let expected = longer[Int(Double(longer.count) * share)]
                #expect(abs(drawn[Int(2000 * share)] - expected) <= 12, "\(share) of those beyond \(beyond)")
            }
            // The prior answers may be many times longer than any that was seen.
            #expect(drawn[1999] > 613)
        }
        // Nothing is known of answers as long: the prior alone.
        let beyondAll = possible(beyond: 700).sorted()
        #expect(beyondAll[0] > 700 && beyondAll[1000] < 700 + lengths.reduce(0, +) / 1000)
    }
}
