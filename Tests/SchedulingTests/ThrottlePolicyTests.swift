import Scheduling
import TestTools
import Testing

@Suite struct ThrottlePolicyTests {
    /// 1000 blocks of 16 tokens; 2048 prompt tokens are the most.
    private func budget(
        _ waiting: Int, free: Int, prompts: Int = 2, stages: Int = 4, chunk: Int = 2048,
        _ policy: ThrottlePolicy = ThrottlePolicy()
    ) -> Int {
        let configuration = EngineConfiguration(
            stages: stages, tokensPerBlock: 16, blockCount: 1000, contextLength: 100_000, prefillChunk: chunk)
        return policy.prefillBudget(
            waitingPrompts: prompts, waitingTokens: waiting, freeBlocks: free, configuration: configuration)
    }

    // MARK: prompt tokens

    @Test func waitingTokensAreSpreadOverEightMicroBatches() {
        #expect(budget(8000, free: 1000) == 1000)
        #expect(budget(807, free: 1000) == 100)
        #expect(budget(100_000, free: 1000) == 2048)
        #expect(budget(8000, free: 1000, ThrottlePolicy(iterations: 4)) == 2000)
    }

    @Test func fewWaitingTokensGiveTheMinimum() {
        #expect(budget(256, free: 1000) == 32)
        #expect(budget(264, free: 1000) == 33)
        #expect(budget(0, free: 1000) == 32)
        #expect(budget(8, free: 1000, ThrottlePolicy(minimum: 5)) == 5)
        #expect(budget(0, free: 1000, chunk: 20) == 20)
    }

    @Test func aPromptThatWaitsAloneIsNotSpread() {
        #expect(budget(807, free: 1000, prompts: 1) == 2048)
        #expect(budget(807, free: 525, prompts: 1) == 1024)  // the pool's use binds all the same
        #expect(budget(807, free: 40, prompts: 1) == 0)
        #expect(budget(807, free: 1000, prompts: 2) == 100)
    }

    @Test func theFullerThePoolTheFewerTokens() {
        // Half of what is above the reserve is free.
        #expect(budget(100_000, free: 525) == 1024)
        #expect(budget(100_000, free: 240) == 410)  // 0.2 * 2048 = 409.6
        #expect(budget(100_000, free: 100, ThrottlePolicy(reserve: 0)) == 205)
    }

    @Test func withinTheReserveNothingIsPrefilled() {
        for free in [0, 1, 49, 50] { #expect(budget(100_000, free: free) == 0) }
        for free in [0, 1, 49, 50] { #expect(budget(100, free: free, stages: 1) == 0) }
    }

    @Test func shortMemoryGoesBelowTheMinimum() {
        #expect(budget(100, free: 51) == 2)  // 2048 * 0.001 / 0.95
        #expect(budget(100, free: 60) == 22)
        // The blocks themselves bind where the pool's use is not looked at.
        #expect(budget(100, free: 51, ThrottlePolicy(usesUtilisation: false)) == 16)
    }

    @Test func eachBoundCanBeSwitchedOff() {
        #expect(budget(100, free: 525, ThrottlePolicy(usesWaiting: false)) == 1024)
        #expect(budget(8000, free: 240, ThrottlePolicy(usesUtilisation: false)) == 1000)
        #expect(budget(100_000, free: 100, ThrottlePolicy(usesUtilisation: false)) == 800)
        #expect(budget(1, free: 1000, ThrottlePolicy(usesWaiting: false, usesUtilisation: false)) == 2048)
    }

    @Test func onOneStageOnlyTheReserveIsKept() {
        #expect(budget(1, free: 1000, stages: 1) == 2048)
        #expect(budget(1, free: 100, stages: 1) == 800)
    }

    @Test func theBudgetIsWithinItsBoundsAndRisesWithWorkAndMemory() {
        var random = SplitMix(seed: 4)
        for _ in 0..<3000 {
            let configuration = EngineConfiguration(
                stages: random.int(1...16), tokensPerBlock: random.element([1, 3, 16]), blockCount: random.int(1...500),
                contextLength: 1000, prefillChunk: random.int(1...3000))
            let policy = ThrottlePolicy(
                iterations: random.int(1...20), minimum: random.int(1...100),
                reserve: Double(random.int(0...99)) / 100, usesWaiting: !random.oneIn(4),
                usesUtilisation: !random.oneIn(4))
            let free = random.int(0...configuration.blockCount)
            let waiting = random.int(0...50_000)
            let prompts = random.int(1...3)
            let tokens = policy.prefillBudget(
                waitingPrompts: prompts, waitingTokens: waiting, freeBlocks: free, configuration: configuration)
            #expect(tokens >= 0 && tokens <= configuration.prefillChunk)
            let memory = Double(free) - policy.reserve * Double(configuration.blockCount) + 1
            #expect(Double(tokens) <= max(0, memory) * Double(configuration.tokensPerBlock))
            let more = policy.prefillBudget(
                waitingPrompts: prompts, waitingTokens: waiting + 1, freeBlocks: free, configuration: configuration)
            #expect(more >= tokens)
            if free > 0 {
                let less = policy.prefillBudget(
                    waitingPrompts: prompts, waitingTokens: waiting, freeBlocks: free - 1, configuration: configuration)
                #expect(less <= tokens)
            }
        }
    }

    // MARK: decode steps

    @Test func anEqualShareDecodes() {
        func quotas(_ decoding: Int, _ stages: Int) -> [Int] {
            (0..<stages).map { ThrottlePolicy.decodeQuota(decoding: decoding, stages: stages, rotation: $0) }
        }
        #expect(quotas(8, 4) == [2, 2, 2, 2])
        #expect(quotas(5, 4) == [1, 1, 1, 2])
        #expect(quotas(7, 4) == [1, 2, 2, 2])
        // Fewer than stages: all that are ready.
        #expect(quotas(3, 4) == [3, 3, 3, 3])
        #expect(quotas(0, 4) == [0, 0, 0, 0])
        #expect(quotas(9, 1) == [9])
        for stages in 1...16 {
            for decoding in stages...100 {
                #expect(quotas(decoding, stages).reduce(0, +) == decoding)
                #expect(quotas(decoding, stages).max()! - quotas(decoding, stages).min()! <= 1)
            }
        }
    }

    /// Five sequences on four stages: with a share of 5 / 4 rounded down, one would be left over for ever.
    @Test func fiveSequencesOnFourStagesAreServedAlike() throws {
        var run = PolicyRun(stages: 4, blocks: 1000, chunk: 64)
        for id in 0..<5 { run.arrive(id, prompt: 4, answer: 200) }
        for _ in 0..<100 { try run.step() }
        let round = run.batches[60..<100]
        for id in 0..<5 { #expect(abs(round.count { $0.decoding.contains(id) } - 10) <= 1, "request \(id)") }
        #expect(round.allSatisfy { (1...2).contains($0.decoding.count) })
    }

    @Test func thoseThatHaveWaitedLongestGoFirst() throws {
        var run = PolicyRun(stages: 4, blocks: 1000, chunk: 64)
        for id in 0..<16 { run.arrive(id, prompt: 1, answer: 300) }
        for _ in 0..<40 { try run.step() }
        #expect(run.batches.suffix(8).allSatisfy { $0.decoding.count == 4 })
        for id in 16..<24 { run.arrive(id, prompt: 1, answer: 300) }
        try run.step()
        #expect(run.batches.last!.prefillTokens == 8)
        for _ in 0..<5 { try run.step() }
        // The eight came back with four others, and a quarter of all could go on. The rest goes before those that came
        // back later, though they arrived earlier.
        #expect(run.batches.suffix(2).map(\.decoding.count) == [6, 6])
        #expect(run.batches.suffix(2).flatMap(\.decoding).filter { $0 >= 16 }.sorted() == Array(16..<24))
    }

    // MARK: micro-batches

    @Test func promptsAreCutToTheBudgetAndDecodesComeOnTop() throws {
        var run = PolicyRun(stages: 2, tokensPerBlock: 16, blocks: 10_000, chunk: 512)
        run.arrive(0, prompt: 300, answer: 50)
        run.arrive(1, prompt: 500, answer: 50)
        try run.schedule()
        // 800 waiting tokens over 8; then the other prompt waits alone and is taken whole.
        #expect(run.batches.map(\.prefillTokens) == [100, 500])
        try run.step()
        // Request 0 is back with 200 tokens to go, request 1 in flight.
        #expect(run.batches[2].prefillTokens == 200)
        for _ in 0..<20 where run.ended.isEmpty && run.batches.last!.decoding.isEmpty { try run.step() }
        #expect(run.batches.last!.decoding == [1])
        // A prompt comes beside its decode steps, as large as if there were none.
        run.arrive(2, prompt: 4000, answer: 1)
        try run.step()
        #expect(run.batches.last!.prefillTokens >= 475 && run.batches.last!.requests.count >= 2)
    }

    /// A sequence that is in flight with the middle of its prompt does not decode when it comes back.
    @Test func unfinishedPromptsAreNotCountedAsDecodes() throws {
        var run = PolicyRun(stages: 2, blocks: 10_000, chunk: 16)
        for id in 0..<3 { run.arrive(id, prompt: 1, answer: 50) }
        try run.schedule()
        run.arrive(3, prompt: 2000, answer: 2)
        try run.schedule()
        #expect(run.batches.map(\.prefillTokens) == [3, 16])
        try run.step()
        #expect(run.batches.last!.decoding == [0])
    }

    @Test func twoHalvesNeverFillThePool() throws {
        var run = PolicyRun(stages: 2, blocks: 100, chunk: 10)
        run.arrive(0, prompt: 60, answer: 2)
        run.arrive(1, prompt: 60, answer: 2)
        try run.finish()
        #expect(run.core.counters.preemptions == 0)
        #expect(run.batches.firstIndex { $0.requests.contains(1) }! > run.batches.lastIndex { $0.requests == [0] }!)
    }

    @Test(arguments: [1, 2, 4, 16])
    func aRequestAsLongAsThePoolRuns(stages: Int) throws {
        for (blocks, tokensPerBlock) in [(1, 1), (1, 16), (20, 1), (100, 16)] {
            let pool = blocks * tokensPerBlock
            for prompt in [1, pool / 2 + 1, pool] {
                var run = PolicyRun(stages: stages, tokensPerBlock: tokensPerBlock, blocks: blocks, chunk: 7)
                run.arrive(0, prompt: prompt, answer: pool - prompt + 1)
                run.arrive(1, prompt: prompt, answer: pool - prompt + 1)
                try run.finish()
                #expect(run.core.counters.blocksPeak == blocks)
            }
        }
    }

    @Test func memoryThatRunsOutIsTakenFromTheLatest() throws {
        var run = PolicyRun(stages: 2, blocks: 60, chunk: 40)
        for id in 0..<4 { run.arrive(id, prompt: 10, answer: 25) }
        try run.finish()
        #expect(run.core.counters.preemptions > 0)
        #expect(run.ended.first == 0)
    }
}
