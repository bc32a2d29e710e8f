import Scheduling
import Testing

@Suite struct HybridPolicyTests {
    @Test func decodesComeFirstThenUnfinishedPromptsThenNewOnes() {
        var bench = Bench("hybrid", chunk: 8)
        bench.arrive(0, prompt: 3)
        bench.arrive(1, prompt: 10)
        #expect(bench.schedule() == [[Share(0, 0..<3), Share(1, 0..<5)]])
        #expect(bench.inFlight[0].phase == .prefill)
        bench.arrive(2, prompt: 4)
        bench.retire()
        // Of the budget of 8, one goes to the decode step and five to the rest of the prompt; two are left.
        #expect(bench.schedule() == [[Share(0, 3..<4), Share(1, 5..<10), Share(2, 0..<2)]])
        #expect(bench.inFlight[0].phase == .mixed)
        bench.retire()
        #expect(bench.schedule() == [[Share(0, 4..<5), Share(1, 10..<11), Share(2, 2..<4)]])
        bench.retire()
        #expect(bench.schedule() == [[Share(0, 5..<6), Share(1, 11..<12), Share(2, 4..<5)]])
        #expect(bench.inFlight[0].phase == .decode)
    }

    @Test func decodesMayExceedTheBudgetAndThenNoPromptGoesOn() {
        var bench = Bench("hybrid", chunk: 3)
        for id in 0..<5 { bench.arrive(id, prompt: 1, max: 4) }
        #expect(bench.schedule() == [[Share(0, 0..<1), Share(1, 0..<1), Share(2, 0..<1)]])
        bench.retire()
        #expect(bench.schedule() == [[Share(0, 1..<2), Share(1, 1..<2), Share(2, 1..<2)]])
        bench.retire()
        #expect(bench.schedule() == [[Share(0, 2..<3), Share(1, 2..<3), Share(2, 2..<3)]])
        bench.retire()
        _ = bench.schedule()
        bench.retire()
        #expect(bench.core.liveRequests == 2)
        #expect(bench.schedule() == [[Share(3, 0..<1), Share(4, 0..<1)]])
    }

    @Test func whatIsInFlightIsSkippedAndTheWindowIsTheDepth() {
        var bench = Bench("hybrid", stages: 2, chunk: 4)
        bench.arrive(0, prompt: 9)
        bench.arrive(1, prompt: 2)
        bench.arrive(2, prompt: 9)
        bench.arrive(3, prompt: 1)
        // Request 0 is in flight when the second micro-batch is planned.
        #expect(bench.schedule() == [[Share(0, 0..<4)], [Share(1, 0..<2), Share(2, 0..<2)]])
        #expect(bench.schedule() == [])
        bench.retire()
        #expect(bench.schedule() == [[Share(0, 4..<8)]])
        bench.retire()
        #expect(bench.schedule() == [[Share(1, 2..<3), Share(2, 2..<5)]])
    }

    @Test func noMoreSequencesThanAllowed() {
        var bench = Bench("hybrid", maxSequences: 2)
        for id in 0..<3 { bench.arrive(id, prompt: 2, max: id == 0 ? 1 : 5) }
        #expect(bench.schedule() == [[Share(0, 0..<2), Share(1, 0..<2)]])
        bench.retire()
        #expect(bench.schedule() == [[Share(1, 2..<3), Share(2, 0..<2)]])
    }

    @Test func nobodyOvertakesWhatIsPreempted() {
        var bench = Bench("hybrid", blocks: 9)
        bench.arrive(0, prompt: 2, max: 6)
        bench.arrive(1, prompt: 6, max: 3)
        bench.arrive(2, prompt: 1, max: 3)
        #expect(bench.schedule() == [[Share(0, 0..<2), Share(1, 0..<6)]])
        bench.retire()
        #expect(bench.schedule() == [[Share(0, 2..<3)]])
        bench.retire()
        // Request 1 gives up six blocks. Request 2 would fit now, but request 1 was there before it.
        #expect(bench.schedule() == [[Share(0, 3..<4)]])
        #expect(bench.core.counters.preemptions == 1)
        bench.retire()
        #expect(bench.schedule() == [[Share(0, 4..<5)]])
    }

    @Test func blocksOfThisMicroBatchAreCountedOnce() {
        var bench = Bench("hybrid", blocks: 100, chunk: 10)
        bench.arrive(0, prompt: 15, max: 1)
        bench.arrive(1, prompt: 83, max: 1)
        #expect(bench.schedule() == [[Share(0, 0..<10)]])
        bench.retire()
        // 85 blocks are free beside request 0's 15; 83 and a reserve of 2 fit exactly.
        #expect(bench.schedule() == [[Share(0, 10..<15), Share(1, 0..<5)]])
    }
}
