import Scheduling
import TestTools
import Testing

@Suite struct TDPipeSwitchTests {
    private func run(
        _ options: String, predictor: TestPredictor.Kind = .limit, stages: Int = 2, blocks: Int = 400,
        requests: [(prompt: Int, answer: Int)]
    ) throws -> (reports: [StepRecord], counters: EngineCounters) {
        let configuration = EngineConfiguration(
            stages: stages, tokensPerBlock: 1, blockCount: blocks, contextLength: 1000, prefillChunk: 64)
        let policy = TDPipePolicy(
            costs: TestCost(stages: stages), lengths: TestPredictor(predictor),
            options: try TDPipeOptions(parsing: options))
        var engine = CheckedEngine(configuration, policy: policy, vocabulary: 10)
        for (id, request) in requests.enumerated() {
            let prompt = [TokenID](repeating: 1, count: request.prompt)
            try engine.tell(.arrived(RequestSpec(id: RequestID(id), prompt: prompt, maxNewTokens: request.answer)))
        }
        try engine.tell(.schedule)
        while !engine.inFlight.isEmpty {
            try engine.retireOldest()
            try engine.tell(.schedule)
        }
        try engine.checkEmpty()
        let reports = engine.actions.compactMap { if case .report(let step) = $0 { step } else { nil } }
        return (reports, engine.core.counters)
    }

    private var mixture: [(prompt: Int, answer: Int)] {
        var random = SplitMix(seed: 4)
        return (0..<60).map { _ in (random.int(1...40), random.int(1...60)) }
    }

    @Test(arguments: ["", "switch=released", "switch=marginal", "switch=fixed:0.3", "stealing=off", "greedy=fixed:0.5"])
    func eachPhaseBeginsWithADecision(options: String) throws {
        let (reports, counters) = try run(options, requests: mixture)
        var phase = Phase.prefill
        var switches = 0
        for step in reports {
            if let decision = step.decision {
                #expect(decision.to == step.phase)
                #expect(step.phase != phase)
                switches += 1
            } else {
                #expect(step.phase == phase)
            }
            phase = step.phase
            #expect(step.predictedPeakBlocks != nil)
        }
        #expect(switches >= 4)
        if options.hasPrefix("switch") || options.isEmpty { #expect(counters.preemptions == 0) }
    }

    @Test func theIntensitiesThatDecidedAreTold() throws {
        for options in ["", "switch=released", "switch=marginal"] {
            let (reports, _) = try run(options, requests: mixture)
            let decisions = reports.compactMap(\.decision).filter { $0.reason == .intensity }
            #expect(!decisions.isEmpty, "\(options)")
            for decision in decisions {
                #expect(decision.to == .prefill && decision.waiting > 0 && decision.decoding > 0)
                let spatial = try #require(decision.spatial)
                let temporal = try #require(decision.temporal)
                #expect(spatial < temporal && spatial > 0)
                if options != "switch=released" { #expect(temporal <= 1) }
            }
        }
    }

    @Test func aFixedShareHasFinished() throws {
        let (reports, _) = try run("switch=fixed:0.5", requests: mixture)
        var atStart = 0
        for decision in reports.compactMap(\.decision) {
            if decision.to == .decode { atStart = decision.decoding }
            if decision.reason == .threshold { #expect(2 * decision.decoding <= atStart) }
        }
        #expect(reports.contains { $0.decision?.reason == .threshold })
    }

    @Test func theForecastIsKept() throws {
        let (reports, _) = try run("", requests: mixture)
        // Units that are issued ahead take blocks which earlier micro-batches could not foresee.
        for (step, later) in zip(reports, reports.dropFirst(3)) where step.phase == .decode && later.phase == .decode {
            #expect(step.blocksInUse <= step.predictedPeakBlocks!)
        }
    }

    /// Nothing can be admitted beside the long answer: the phase goes on until it ends.
    @Test func withNothingAdmissibleDecodeGoesOn() throws {
        let (reports, counters) = try run(
            "", blocks: 60, requests: [(prompt: 10, answer: 51), (prompt: 30, answer: 31)])
        #expect(reports.compactMap(\.decision).map(\.reason) == [.poolForecast, .noneDecoding, .noneWaiting])
        #expect(counters.preemptions == 0)
    }

    /// The released code looks for room in the whole pool, and admits up to 90 % of it: whoever needs more than that is
    /// seen in each round and admitted in none. Nothing comes of it for the decode phase: whoever was left out of a
    /// round is in the next. (The engine of the tests checks that nobody falls behind.)
    @Test(arguments: ["switch=released", "switch=released,order=longest"])
    func aPhaseThatAdmitsNobodyDoesNotDisturbTheRounds(options: String) throws {
        let policy = TDPipePolicy(
            costs: TestCost(stages: 2), lengths: TestPredictor(.limit), options: try TDPipeOptions(parsing: options))
        let configuration = EngineConfiguration(
            stages: 2, tokensPerBlock: 1, blockCount: 320, contextLength: 1000, prefillChunk: 64)
        var engine = CheckedEngine(configuration, policy: policy, vocabulary: 10)
        var arrived = 0
        func arrive(prompt: Int, answer: Int) throws {
            let tokens = [TokenID](repeating: 1, count: prompt)
            try engine.tell(.arrived(RequestSpec(id: RequestID(arrived), prompt: tokens, maxNewTokens: answer)))
            arrived += 1
        }
        // Five decode in rounds of two micro-batches of two. They come to 271 tokens, and one more would to 300.
        for prompt in [60, 1, 20, 20, 20] { try arrive(prompt: prompt, answer: 31) }
        try engine.tell(.schedule)
        while !engine.inFlight.isEmpty {
            if arrived < 25 { try arrive(prompt: 4, answer: 26) }
            try engine.retireOldest()
            try engine.tell(.schedule)
        }
        try engine.checkEmpty()
        #expect(engine.core.counters.preemptions == 0)
    }

    /// A predictor that always expects one more token: requests lose their blocks, but not again and again.
    @Test(arguments: ["", "greedy=fixed:1", "switch=fixed:0.1", "switch=released", "switch=marginal,stealing=off"])
    func preemptionsAreBounded(options: String) throws {
        let requests = mixture
        let (_, counters) = try run(options, predictor: .constant(1), blocks: 150, requests: requests)
        #expect(counters.preemptions > 0)
        #expect(counters.preemptions < 2 * requests.count)
        let tokens = requests.reduce(0) { $0 + $1.prompt + $1.answer }
        #expect(counters.recomputedTokens < tokens)
    }
}
