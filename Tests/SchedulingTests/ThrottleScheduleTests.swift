import Scheduling
import TestTools
import Testing

/// Properties of token throttling over random schedules, with its parts switched on and off.
@Suite struct ThrottleScheduleTests {
    @Test(arguments: 0..<20)
    func everyRequestEnds(group: Int) throws {
        for seed in group * 40..<(group + 1) * 40 {
            var random = SplitMix(seed: seed)
            let policy = ThrottlePolicy(
                iterations: random.int(1...10), minimum: random.int(1...40),
                reserve: random.element([0, 0.05, 0.5, 0.99]), usesWaiting: !random.oneIn(3),
                usesUtilisation: !random.oneIn(3), balancesDecodes: !random.oneIn(3))
            let tokensPerBlock = random.element([1, 2, 16])
            let longest = random.int(2...80)
            let least = (longest + tokensPerBlock - 1) / tokensPerBlock
            var run = PolicyRun(
                stages: random.int(1...16), tokensPerBlock: tokensPerBlock,
                blocks: random.element([least, least + 1, 2 * least, 20 * least]), chunk: random.int(1...60),
                maxSequences: random.element([1, 3, 40]), policy: policy)
            for id in 0..<random.int(1...20) {
                let prompt = random.int(1...longest)
                run.arrive(id, prompt: prompt, answer: random.int(1...longest - prompt + 1))
                while random.oneIn(2) { try run.step(retiring: random.oneIn(2)) }
            }
            do { try run.finish() } catch { throw Violation("seed \(seed): \(error)") }
        }
    }

    /// With room for all, no micro-batch holds more decode steps than its share, none holds fewer unless they are not
    /// ready, and nobody waits for long.
    @Test(arguments: 0..<60)
    func decodeStepsAreSpread(seed: Int) throws {
        var random = SplitMix(seed: seed)
        let stages = random.int(2...16)
        var run = PolicyRun(stages: stages, tokensPerBlock: 4, blocks: 10_000, chunk: random.int(8...200))
        for id in 0..<random.int(stages...100) {
            run.arrive(id, prompt: random.int(1...60), answer: random.int(1...100))
        }
        try run.finish()
        #expect(run.core.counters.preemptions == 0)
        for batch in run.batches {
            let share = (batch.decodable + stages - 1) / stages
            let most = batch.decodable < stages ? batch.decodable : share
            #expect(batch.decoding.count <= most)
            let least = batch.decodable < stages ? batch.decodable : batch.decodable / stages
            #expect(batch.decoding.count >= min(least, batch.ready))
        }
        #expect(run.longestWait <= 2 * stages + 1)
    }

    /// The figure that the policy is made for: micro-batches differ less in their tokens than hybrid ones.
    @Test(arguments: 0..<6)
    func microBatchesDifferLessThanHybridOnes(seed: Int) throws {
        func variation(_ policy: any SchedulingPolicy) throws -> Double {
            var random = SplitMix(seed: seed)
            var run = PolicyRun(stages: 4, tokensPerBlock: 16, blocks: 2500, chunk: 512, policy: policy)
            for id in 0..<200 {
                run.arrive(id, prompt: random.int(10...600), answer: random.int(10...400))
                for _ in 0..<random.int(0...5) { try run.step() }
            }
            let tokens = run.batches.dropFirst(50).map { Double($0.prefillTokens + $0.decoding.count) }
            let mean = tokens.reduce(0, +) / Double(tokens.count)
            let square = tokens.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(tokens.count)
            return square.squareRoot() / mean
        }
        let throttled = try variation(ThrottlePolicy())
        let hybrid = try variation(HybridPolicy())
        #expect(throttled < 0.8 * hybrid, "\(throttled) against \(hybrid)")
        // Each part does its share.
        let greedy = try variation(ThrottlePolicy(usesWaiting: false, usesUtilisation: false))
        #expect(throttled < greedy, "\(throttled) against \(greedy)")
    }

    @Test func equalHistoriesGiveEqualPlans() throws {
        func batches() throws -> [PolicyRun.Batch] {
            var random = SplitMix(seed: 9)
            var run = PolicyRun(stages: 3, blocks: 300, chunk: 50)
            for id in 0..<40 { run.arrive(id, prompt: random.int(1...60), answer: random.int(1...60)) }
            try run.finish()
            return run.batches
        }
        #expect(try batches() == batches())
    }
}
