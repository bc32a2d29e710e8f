import Scheduling
import Testing

/// td-pipe with `order=`: which of the waiting requests a prefill phase takes.
@Suite struct AdmissionOrderTests {
    private func policy(_ options: String, _ lengths: any LengthPredictor = OraclePredictor()) throws -> TDPipePolicy {
        TDPipePolicy(costs: TestCost(stages: 2), lengths: lengths, options: try TDPipeOptions(parsing: options))
    }

    private func run(_ policy: any SchedulingPolicy, blocks: Int, maxSequences: Int = 256) -> PolicyRun {
        PolicyRun(stages: 2, blocks: blocks, chunk: 512, maxSequences: maxSequences, policy: policy)
    }

    /// Requests of the micro-batches before the first decode step.
    private func admitted(_ run: PolicyRun) -> [Int] {
        var seen: [Int] = []
        for batch in run.batches.prefix(while: { $0.decoding.isEmpty }) {
            for request in batch.requests where !seen.contains(request) { seen.append(request) }
        }
        return seen
    }

    @Test(arguments: [("order=arrival", [0, 1, 2, 3]), ("order=longest", [2, 0, 3, 1]), ("", [2, 0, 3, 1])])
    func longAnswersGoFirst(options: String, expected: [Int]) throws {
        var run = run(try policy(options), blocks: 1000)
        for (id, answer) in [30, 10, 40, 20].enumerated() { run.arrive(id, prompt: 4, answer: answer) }
        try run.schedule()
        #expect(admitted(run) == expected)
        try run.finish()
    }

    /// `auto` sorts by lengths that are known, not by predictions.
    @Test func predictionsAloneDoNotChangeTheOrder() throws {
        var run = run(try policy("order=auto", TestPredictor(.limit)), blocks: 1000)
        for (id, answer) in [10, 40].enumerated() { run.arrive(id, prompt: 4, answer: answer) }
        try run.schedule()
        #expect(admitted(run) == [0, 1])
    }

    @Test func whatThePoolHasNoRoomForIsPassedOver() throws {
        // 4 + 59 blocks for the first, and for the second as much at the same time; the third leaves early.
        for (options, expected) in [("order=arrival", [0]), ("order=longest", [0, 2])] {
            var run = run(try policy(options), blocks: 70)
            for (id, answer) in [60, 58, 4].enumerated() { run.arrive(id, prompt: 4, answer: answer) }
            try run.schedule()
            #expect(admitted(run) == expected, "\(options)")
            try run.finish()
            #expect(run.core.counters.preemptions == 0)
        }
    }

    /// One short answer, and longer ones that keep coming: it is passed over in four prefill phases and no more.
    @Test func nobodyStarves() throws {
        var run = run(try policy("order=longest"), blocks: 1000, maxSequences: 2)
        for id in 0..<4 { run.arrive(id, prompt: 4, answer: 30) }
        run.arrive(4, prompt: 4, answer: 5)
        var next = 5
        for _ in 0..<2000 where !run.ended.contains(4) {
            while next < run.ended.count + 9 {
                run.arrive(next, prompt: 4, answer: 30)
                next += 1
            }
            try run.step()
        }
        // Two by two: it is in the sixth phase at the latest.
        let before = run.ended.firstIndex(of: 4)
        #expect(before != nil && before! >= 4 && before! <= 12, "\(run.ended)")
        try run.finish()
    }
}
