import Scheduling
import Testing

@Suite struct StageLossTests {
    private func makeEngine(
        _ policy: any SchedulingPolicy = HybridPolicy(), stages: Int = 2, blocks: Int = 20
    ) -> CheckedEngine {
        CheckedEngine(
            EngineConfiguration(
                stages: stages, tokensPerBlock: 2, blockCount: blocks, contextLength: 40, prefillChunk: 4),
            policy: policy, vocabulary: 100)
    }

    private func spec(_ id: Int, prompt: Int = 3, answer: Int = 4) -> RequestSpec {
        RequestSpec(
            id: RequestID(id), prompt: (0..<prompt).map { TokenID(10 * id + $0) }, maxNewTokens: answer)
    }

    private func finish(_ engine: inout CheckedEngine) throws {
        try engine.tell(.schedule)
        while !engine.inFlight.isEmpty {
            try engine.retireOldest()
            try engine.tell(.schedule)
        }
        try engine.checkEmpty()
    }

    @Test(arguments: TestPolicies.names)
    func whatWasInFlightIsComputedAgainAndTheAnswersStay(policy: String) throws {
        var engine = makeEngine(TestPolicies.named(policy, stages: 2))
        for id in 0..<4 { try engine.tell(.arrived(spec(id))) }
        try engine.tell(.schedule)
        for _ in 0..<3 {
            try engine.retireOldest()
            try engine.tell(.schedule)
        }
        let answered = (0..<4).map { engine.witness[RequestID($0)].answer }
        #expect(answered.contains { !$0.isEmpty })
        let inFlight = engine.inFlight.count
        #expect(inFlight > 0)
        try engine.tell(.stageLost(StageID(1)))
        #expect(engine.core.microBatchesInFlight == 0)
        #expect(engine.core.blocksInUse == 0)
        #expect(engine.core.waitingRequests == engine.core.liveRequests)
        #expect(engine.core.counters.voidMicroBatches == inFlight)
        #expect(engine.core.counters.interruptions > 0)
        try engine.tell(.schedule)
        #expect(engine.inFlight.isEmpty)
        try engine.tell(.stageRestored(StageID(1)))
        try finish(&engine)
        for id in 0..<4 {
            let oracle = CheckedEngine.answer(to: spec(id), context: 40, vocabulary: 100)
            #expect(engine.witness[RequestID(id)].answer == oracle)
            #expect(oracle.starts(with: answered[id]))
        }
    }

    /// Requests that are computed again stand before those that came after them.
    @Test func thoseThatBeginAgainKeepTheirTurn() throws {
        var engine = makeEngine()
        for id in 0..<6 { try engine.tell(.arrived(spec(id, prompt: 4))) }
        try engine.tell(.schedule)
        try engine.tell(.stageLost(StageID(0)))
        try engine.tell(.stageRestored(StageID(0)))
        try engine.tell(.schedule)
        #expect(engine.inFlight.first?.slices.map(\.request) == [RequestID(0)])
        try finish(&engine)
    }

    @Test func nothingIsDispatchedUntilAllAreBack() throws {
        var engine = makeEngine(stages: 3)
        try engine.tell(.arrived(spec(0)))
        try engine.tell(.stageLost(StageID(2)))
        try engine.tell(.stageLost(StageID(0)))
        try engine.tell(.stageLost(StageID(2)))
        #expect(engine.core.lostStages == [StageID(0), StageID(2)])
        #expect(engine.core.counters.stageLosses == 2)
        try engine.tell(.stageRestored(StageID(2)))
        try engine.tell(.stageRestored(StageID(1)))
        try engine.tell(.schedule)
        #expect(engine.inFlight.isEmpty)
        try engine.tell(.stageRestored(StageID(0)))
        try engine.tell(.schedule)
        #expect(engine.inFlight.count == 1)
        try finish(&engine)
    }

    /// What was foreseen of the phase that was cut short counts no more: all that it had admitted is admitted again.
    @Test func theForecastBeginsAnew() throws {
        var engine = makeEngine(TestPolicies.named("td-pipe", stages: 2))
        // Three blocks each of twenty.
        for id in 0..<6 { try engine.tell(.arrived(spec(id))) }
        try engine.tell(.schedule)
        let units = engine.inFlight.map { $0.slices.map(\.request) }
        #expect(Set(units.joined()).count == 6)
        try engine.tell(.stageLost(StageID(1)))
        try engine.tell(.stageRestored(StageID(1)))
        try engine.tell(.schedule)
        #expect(engine.inFlight.map { $0.slices.map(\.request) } == units)
        try finish(&engine)
    }

    /// A request that ended while it was in flight leaves with the micro-batch that is void.
    @Test func endedRequestsLeaveTheirBlocks() throws {
        var engine = makeEngine()
        try engine.tell(.arrived(spec(0)))
        try engine.tell(.schedule)
        try engine.tell(.cancelled(RequestID(0)))
        #expect(engine.core.blocksInUse == 2)
        try engine.tell(.stageLost(StageID(0)))
        #expect(engine.core.blocksInUse == 0)
        try engine.tell(.stageRestored(StageID(0)))
        try engine.checkEmpty()
    }

    @Test func requestsMayComeAndGoDuringAnOutage() throws {
        var engine = makeEngine()
        try engine.tell(.stageLost(StageID(0)))
        try engine.tell(.arrived(spec(0)))
        try engine.tell(.arrived(spec(1)))
        try engine.tell(.cancelled(RequestID(0)))
        try engine.tell(.stageRestored(StageID(0)))
        try finish(&engine)
        #expect(engine.witness[RequestID(0)].ending == .cancelled)
        #expect(engine.witness[RequestID(1)].ending == .length)
    }

    /// Retirements that come too late, or twice, are counted and nothing else.
    @Test func strayRetirementsAreIgnored() throws {
        var engine = makeEngine()
        try engine.tell(.arrived(spec(0)))
        try engine.tell(.schedule)
        try engine.retireOldest()
        try engine.tell(.retired(MicroBatchID(0), [[SampledToken(1)]]))
        try engine.tell(.schedule)
        try engine.tell(.stageLost(StageID(0)))
        let before = engine.actions.count
        try engine.tell(.retired(MicroBatchID(1), [[SampledToken(1)]]))
        #expect(engine.actions.count == before)
        #expect(engine.core.counters.strayRetirements == 2)
        try engine.tell(.stageRestored(StageID(0)))
        try finish(&engine)
        #expect(engine.witness[RequestID(0)].answer == CheckedEngine.answer(to: spec(0), context: 40, vocabulary: 100))
    }
}
