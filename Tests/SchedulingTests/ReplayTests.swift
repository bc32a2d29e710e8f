import Scheduling
import Testing

@Suite struct ReplayTests {
    /// A run that was recorded, told again to a fresh core, leads to the same actions.
    @Test(arguments: 20_000..<20_050)
    func recordedEventsGiveTheSameActions(seed: Int) throws {
        let scenario = Scenario(seed: seed)
        var run = VirtualPipeline(scenario)
        try run.run()
        var core = EngineCore(configuration: scenario.configuration, policy: scenario.makePolicy())
        var actions: [EngineAction] = []
        for (event, time) in run.engine.events { core.handle(event, at: time, into: &actions) }
        #expect(actions.map { ActionRecord($0) } == run.engine.actions)
        #expect(core.counters == run.engine.core.counters)
    }

    /// A core is a value: what a copy is told leaves the original as it was.
    @Test func aCopyGoesItsOwnWay() throws {
        var original = CheckedEngine(
            EngineConfiguration(stages: 2, tokensPerBlock: 2, blockCount: 9, contextLength: 40, prefillChunk: 4),
            policy: HybridPolicy(), vocabulary: 100)
        let spec = RequestSpec(id: RequestID(0), prompt: [1, 2, 3, 4, 5, 6], maxNewTokens: 6)
        try original.tell(.arrived(spec))
        try original.tell(.schedule)
        var copy = original
        try copy.tell(.cancelled(spec.id))
        try copy.retireOldest()
        try copy.checkEmpty()
        #expect(original.core.liveRequests == 1)
        while !original.inFlight.isEmpty {
            try original.retireOldest()
            try original.tell(.schedule)
        }
        #expect(original.witness[spec.id].answer == CheckedEngine.answer(to: spec, context: 40, vocabulary: 100))
    }
}
