import Scheduling
import TestTools
import Testing

@Suite struct LearnedPredictorTests {
    private func facts(_ generated: Int, _ forecast: LengthForecast?, limit: Int = 1_000_000) -> AnswerFacts {
        AnswerFacts(request: RequestID(1), promptTokens: 10, generated: generated, limit: limit, forecast: forecast)
    }

    private let mixed = LengthForecast([10, 10, 20, 20, 40, 40, 100, 160])

    @Test func anAnswerIsExpectedToBeAsLongAsItsForecastSays() {
        let predictor = LearnedPredictor(respectsLimit: false)
        #expect(predictor.name == "learned" && !predictor.isExact)
        for (generated, expected) in [(0, 50), (9, 50), (10, 63), (25, 85), (40, 130), (159, 160), (160, 201)] {
            #expect(predictor.answerTokens(facts(generated, mixed)) == expected, "\(generated)")
        }
        #expect(predictor.answerTokens(facts(1, LengthForecast(tokens: 1))) == 2)
    }

    @Test func theLimitBoundsTheForecastWhereItIsHonest() {
        for (limit, expected) in [(20, 20), (49, 49), (50, 50), (1000, 50)] {
            #expect(LearnedPredictor(respectsLimit: true).answerTokens(facts(0, mixed, limit: limit)) == expected)
            #expect(LearnedPredictor(respectsLimit: false).answerTokens(facts(0, mixed, limit: limit)) == 50)
        }
        // An answer at its limit goes on for at least a token.
        #expect(LearnedPredictor(respectsLimit: true).answerTokens(facts(30, mixed, limit: 30)) == 85)
        #expect(LearnedPredictor(respectsLimit: true).answerTokens(facts(30, mixed, limit: 31)) == 31)
    }

    /// Other answers say nothing of one that has a forecast.
    @Test func whereThereIsAForecastTheHistoryIsNotAsked() {
        var predictor = LearnedPredictor(respectsLimit: false)
        for _ in 0..<100 { predictor.observe(promptTokens: 10, generated: 900) }
        #expect(predictor.answerTokens(facts(0, mixed)) == 50)
    }

    @Test(arguments: [true, false])
    func withoutAForecastTheHistoryIsAsked(respectsLimit: Bool) {
        var random = SplitMix(seed: 3)
        var predictor = LearnedPredictor(respectsLimit: respectsLimit)
        var history = HistoryPredictor(respectsLimit: respectsLimit)
        for _ in 0..<300 {
            let facts = facts(random.int(0...200), nil, limit: random.int(1...300))
            #expect(predictor.answerTokens(facts) == history.answerTokens(facts))
            let length = random.int(1...400)
            predictor.observe(promptTokens: 10, generated: length)
            history.observe(promptTokens: 10, generated: length)
        }
    }

    /// From the request through the core to the policy: the first prefill unit has the longest answers first.
    @Test func theForecastOfARequestReachesThePolicy() throws {
        let policy = TDPipePolicy(
            costs: TestCost(stages: 2), lengths: LearnedPredictor(respectsLimit: true),
            options: try TDPipeOptions(parsing: "order=longest"))
        let configuration = EngineConfiguration(
            stages: 2, tokensPerBlock: 4, blockCount: 200, contextLength: 200, prefillChunk: 64)
        var engine = CheckedEngine(configuration, policy: policy, vocabulary: 10)
        for (id, forecast) in [30, 10, nil, 20].enumerated() {
            // Without a forecast, 256 are expected, and the limit is less.
            let spec = RequestSpec(
                id: RequestID(id), prompt: [1, 2, 3], maxNewTokens: 40,
                forecast: forecast.map { LengthForecast(tokens: $0) })
            try engine.tell(.arrived(spec))
        }
        try engine.tell(.schedule)
        #expect(engine.inFlight.first?.slices.map(\.request.rawValue) == [2, 0, 3, 1])
        while !engine.inFlight.isEmpty {
            try engine.retireOldest()
            try engine.tell(.schedule)
        }
        try engine.checkEmpty()
    }
}
