import Scheduling
import Testing

@Suite struct SchedulerViewTests {
    /// Gives each request one token at a time, and compares what the view says of a slot.
    private struct Probe: SchedulingPolicy {
        let name = "probe"

        mutating func plan(_ view: SchedulerView) -> StepPlan? {
            for sequence in view.active {
                #expect(view.activeSequence(slot: sequence.slot)?.arrival == sequence.arrival)
                #expect(view.activeSequence(slot: sequence.slot)?.request == sequence.request)
            }
            for sequence in view.waiting { #expect(view.activeSequence(slot: sequence.slot)?.slot == nil) }
            #expect(view.activeSequence(slot: -1)?.slot == nil)
            #expect(view.activeSequence(slot: 100)?.slot == nil)
            guard view.inFlight == 0, let next = view.active.first ?? view.waiting.first else { return nil }
            var plan = StepPlan()
            plan.items = [.init(slot: next.slot, tokens: 1)]
            return plan
        }
    }

    @Test func aSlotIsFoundWhileItsRequestHoldsBlocks() throws {
        let configuration = EngineConfiguration(stages: 1, tokensPerBlock: 1, blockCount: 9, contextLength: 9)
        var engine = CheckedEngine(configuration, policy: Probe(), vocabulary: 5)
        for id in 0..<3 {
            try engine.tell(.arrived(RequestSpec(id: RequestID(id), prompt: [1, 2], maxNewTokens: 3)))
        }
        try engine.tell(.schedule)
        try engine.tell(.cancelled(RequestID(0)))
        while !engine.inFlight.isEmpty {
            try engine.retireOldest()
            try engine.tell(.schedule)
        }
        try engine.checkEmpty()
    }
}
