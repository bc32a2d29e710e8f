import Scheduling
import Testing

@Suite struct PreemptionTests {
    /// Three requests of two prompt tokens on eight blocks of one token.
    private func crowded(_ policy: String) -> Bench {
        var bench = Bench(policy, blocks: 8)
        for id in 0..<3 { bench.arrive(id, prompt: 2, max: 5) }
        return bench
    }

    @Test(arguments: TestPolicies.reserving)
    func theLatestArrivalGivesWayAndReturnsToTheFront(policy: String) {
        var bench = crowded(policy)
        #expect(bench.schedule() == [[Share(0, 0..<2), Share(1, 0..<2), Share(2, 0..<2)]])
        bench.retire()
        // Two blocks are left; the third request finds none and nobody after it.
        #expect(bench.schedule() == [[Share(0, 2..<3), Share(1, 2..<3)]])
        bench.arrive(3, prompt: 1, max: 5)
        bench.retire()
        #expect(bench.core.counters.preemptions == 0)
        #expect(bench.schedule() == [[Share(0, 3..<4), Share(1, 3..<4)]])
        #expect(bench.core.counters.preemptions == 1)
        #expect(bench.core.counters.recomputedTokens == 2)
        #expect(bench.core.waitingRequests == 2)
        bench.retire()
        // Now request 1 gives way too, and stands before request 2.
        #expect(bench.schedule() == [[Share(0, 4..<5)]])
        #expect(bench.core.counters.preemptions == 2)
        #expect(bench.core.counters.recomputedTokens == 6)
        bench.retire()
        #expect(bench.schedule() == [[Share(0, 5..<6)]])
        bench.retire()
        // Each computes its prompt and its answer so far again, before the one that came later.
        #expect(bench.schedule() == [[Share(1, 0..<5)]])
        #expect(bench.inFlight[0].slices[0].tokens == [7, 7, 9, 9, 9])
        bench.retire()
        #expect(bench.schedule() == [[Share(1, 5..<6)]])
        bench.retire()
        #expect(bench.schedule() == [[Share(2, 0..<3), Share(3, 0..<1)]])
    }

    /// A decode step never takes the blocks of an earlier request, even of one that is still in its prompt: else two
    /// requests might take them from each other for ever.
    @Test func anEarlierRequestNeverGivesWay() {
        var bench = Bench("hybrid", stages: 2, blocks: 22, chunk: 2)
        bench.arrive(0, prompt: 20, max: 1)
        bench.arrive(1, prompt: 1, max: 20)
        #expect(bench.schedule() == [[Share(0, 0..<2)], [Share(1, 0..<1)]])
        var last: [[Share]] = []
        for _ in 0..<20 where bench.core.counters.preemptions == 0 {
            while !bench.inFlight.isEmpty { bench.retire() }
            last = bench.schedule()
        }
        // Both are idle, both want a block, and none is free.
        #expect(last == [[Share(0, 11..<13)]])
        #expect(bench.core.waitingRequests == 1)
        #expect(bench.core.counters.recomputedTokens == 11)
    }

    @Test(arguments: TestPolicies.reserving)
    func thePreemptedAnswerIsNotToldTwice(policy: String) throws {
        var bench = crowded(policy)
        var told: [Int: Int] = [:]
        #expect(bench.finish() > 5)
        try bench.core.checkIntegrity()
        for case .emit(let id, let tokens) in bench.answers() { told[id.rawValue, default: 0] += tokens.count }
        #expect(told == [0: 5, 1: 5, 2: 5])
        #expect(bench.core.counters.preemptions > 0)
        #expect(bench.core.blocksInUse == 0)
    }

    @Test(arguments: TestPolicies.reserving)
    func aPromptIsBegunOnlyBesideAReserve(policy: String) {
        // One block in a hundred, and one more.
        for (second, fits) in [(97, true), (98, false)] {
            var bench = Bench(policy, blocks: 200)
            bench.arrive(0, prompt: 100, max: 2)
            bench.arrive(1, prompt: second, max: 2)
            let first = [Share(0, 0..<100)]
            #expect(bench.schedule() == [fits ? first + [Share(1, 0..<97)] : first])
        }
    }

    @Test(arguments: TestPolicies.reserving)
    func aRequestAloneMayFillThePool(policy: String) {
        var bench = Bench(policy, blocks: 200, chunk: 1000)
        bench.arrive(0, prompt: 200, max: 1)
        #expect(bench.schedule() == [[Share(0, 0..<200)]])
        #expect(bench.core.blocksInUse == 200)
        bench.retire()
        #expect(bench.answers() == [.emit(RequestID(0), [SampledToken(9)]), .finish(RequestID(0), .length)])
        #expect(bench.core.blocksInUse == 0)
    }

    @Test(arguments: TestPolicies.reserving)
    func theRestOfAPromptUnderWayIsKeptForIt(policy: String) {
        for (second, fits) in [(38, true), (39, false)] {
            var bench = Bench(policy, stages: 2, blocks: 100, chunk: 10)
            bench.arrive(0, prompt: 60, max: 1)
            bench.arrive(1, prompt: second, max: 1)
            // 90 blocks are free, of which request 0 will take 50 and 2 are the reserve.
            #expect(bench.schedule() == [[Share(0, 0..<10)]] + (fits ? [[Share(1, 0..<10)]] : []))
        }
    }
}
