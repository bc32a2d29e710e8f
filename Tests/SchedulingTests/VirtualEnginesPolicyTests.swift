import Scheduling
import Testing

@Suite struct VirtualEnginesPolicyTests {
    static let schedulers = ["virtual-separate", "virtual-hybrid"]

    private func policy(_ name: String) -> any SchedulingPolicy { TestPolicies.named(name, stages: 1) }

    @Test(arguments: schedulers)
    func requestsAreBoundToTheEnginesInTurn(name: String) throws {
        var run = PolicyRun(stages: 3, blocks: 300, chunk: 8, policy: policy(name))
        for id in 0..<12 { run.arrive(id, prompt: 3 + id % 2, answer: 1 + id) }
        try run.schedule()
        #expect(run.batches.map(\.requests.first) == [0, 1, 2])
        try run.finish()
        for batch in run.batches { #expect(Set(batch.requests.map { $0 % 3 }).count == 1, "\(batch.requests)") }
    }

    /// The engine of the even requests admits what fits its half, though most of the other half is free.
    @Test(arguments: schedulers)
    func anEngineHasItsPartOfThePool(name: String) throws {
        var run = PolicyRun(stages: 2, blocks: 20, chunk: 100, policy: policy(name))
        for id in 0..<10 { run.arrive(id, prompt: id % 2 == 0 ? 4 : 1, answer: 1) }
        try run.schedule()
        #expect(run.batches.map(\.requests) == [[0, 2], [1, 3, 5, 7, 9]])
        try run.finish()
    }

    @Test(arguments: schedulers)
    func aRequestLargerThanAPartRunsAlone(name: String) throws {
        var run = PolicyRun(stages: 2, blocks: 40, chunk: 100, policy: policy(name))
        for id in 0..<4 { run.arrive(id, prompt: id == 0 ? 25 : 2, answer: 4) }
        try run.schedule()
        #expect(run.batches.map(\.requests) == [[0], [1, 3]])
        try run.finish()
        // Request 2 waits for the one before it.
        #expect(run.ended == [0, 1, 3, 2])
    }

    /// Two requests hold the whole pool, and each needs a block of the other: the later one gives way.
    @Test(arguments: schedulers)
    func enginesThatWaitForEachOtherGoOn(name: String) throws {
        var run = PolicyRun(stages: 2, blocks: 20, chunk: 100, policy: policy(name))
        for id in 0..<2 { run.arrive(id, prompt: 8, answer: 8) }
        try run.finish()
        #expect(run.ended == [0, 1])
        #expect(run.core.counters.preemptions == 1)
    }

    /// What an engine may have at least must not add up to more than all may have.
    @Test(arguments: schedulers, 1...5)
    func fewerSequencesThanEngines(name: String, most: Int) throws {
        var run = PolicyRun(stages: 4, blocks: 80, chunk: 100, maxSequences: most, policy: policy(name))
        for id in 0..<9 { run.arrive(id, prompt: 3, answer: 3) }
        try run.schedule()
        #expect(run.batches.map(\.requests) == (0..<min(most, 4)).map { [$0] })
        try run.finish()
    }
}
