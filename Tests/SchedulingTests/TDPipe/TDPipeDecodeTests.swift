import Scheduling
import Testing

@Suite struct TDPipeDecodeTests {
    private func requests(_ batch: [Share]) -> [Int] { batch.map(\.request) }

    @Test func decodeFollowsWhenTheLastUnitsAreInThePipe() {
        var bench = Bench("td-pipe", stages: 2, chunk: 32)
        for id in 0..<4 { bench.arrive(id, prompt: 32) }
        #expect(bench.schedule().count == 4)
        bench.retire()
        // Three units are in flight: the first stage has two before it.
        #expect(bench.schedule() == [])
        bench.retire()
        // Four decode in all, of which two are ready: one micro-batch of two is its share.
        #expect(bench.schedule() == [[Share(0, 32..<33), Share(1, 32..<33)]])
        bench.retire()
        #expect(bench.schedule() == [[Share(2, 32..<33)]])
        bench.retire()
        #expect(bench.schedule() == [])
        // The last came too late for the first round, and joins the next.
        bench.retire()
        let third = bench.schedule().map(requests)
        #expect(third.map(\.count) == [2] && third[0].contains(3))
        bench.retire()
        #expect(Set(bench.schedule().map(requests)[0] + third[0]) == [0, 1, 2, 3])
    }

    @Test func sequencesAreSpreadEvenlyFromTheFirstRoundOn() {
        var bench = Bench("td-pipe", stages: 3, chunk: 512)
        for id in 0..<8 { bench.arrive(id, prompt: 4) }
        #expect(bench.schedule().count == 1)
        bench.retire()
        // Each row costs the same: three equal micro-batches, and two sequences wait for the next round.
        #expect(bench.schedule().map(\.count) == [2, 2, 2])
        #expect(bench.inFlight.allSatisfy { $0.phase == .decode })
        #expect(bench.schedule() == [])
    }

    @Test func contextsAreSpreadEvenlyToo() {
        var bench = Bench("td-pipe", stages: 2, chunk: 512)
        for (id, prompt) in [10, 20, 30, 40].enumerated() { bench.arrive(id, prompt: prompt) }
        _ = bench.schedule()
        while !bench.inFlight.isEmpty { bench.retire() }
        // The longest with the shortest.
        #expect(bench.schedule().map { requests($0).sorted() } == [[0, 3], [1, 2]])
    }

    @Test func whatOneMicroBatchHasTooManyTheNextTakes() {
        var bench = Bench("td-pipe", stages: 2, chunk: 512)
        // Equal contexts: dealt as 0, 3 and 1, 2 with the next four alike.
        for id in 0..<8 { bench.arrive(id, prompt: 4, max: 40) }
        _ = bench.schedule()
        bench.retire()
        let first = bench.schedule().map(requests)
        #expect(first.map(\.count) == [4, 4])
        // Three of the first micro-batch are given up: five are left, of which four are in flight.
        for id in first[0].prefix(3) { bench.tell(.cancelled(RequestID(id))) }
        bench.retire()
        #expect(bench.schedule().map(\.count) == [1])
        bench.retire()
        // Two of its four are held back, one of them for the micro-batch that has too few.
        #expect(bench.schedule().map(\.count) == [2])
        for _ in 0..<6 {
            bench.retire()
            #expect(bench.schedule().map(\.count) == [2])
        }
    }

    @Test(arguments: [1, 2, 3, 7])
    func fewerRequestsThanStagesGoOneByOne(count: Int) {
        var bench = Bench("td-pipe", stages: 8)
        for id in 0..<count { bench.arrive(id, prompt: 3, max: 5) }
        #expect(bench.schedule().count == 1)
        bench.retire()
        #expect(bench.schedule().map(\.count) == Array(repeating: 1, count: count))
        for _ in 0..<count { bench.retire() }
        #expect(bench.schedule().count == count)
        #expect(bench.finish() > 0)
        #expect(bench.core.liveRequests == 0)
    }

    @Test func aRequestAsLongAsThePoolRuns() throws {
        for policy in ["td-pipe", TestPolicies.blind] {
            var bench = Bench(policy, stages: 3, blocks: 50, chunk: 8)
            bench.arrive(0, prompt: 30, max: 21)
            bench.arrive(1, prompt: 50, max: 1)
            bench.arrive(2, prompt: 1, max: 50)
            #expect(bench.finish() < 1000)
            #expect(bench.core.counters.blocksPeak == 50)
            try bench.core.checkIntegrity()
        }
    }
}
