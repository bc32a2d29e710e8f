import Scheduling
import Testing

@Suite struct EngineCoreTests {
    private let first = RequestID(0)

    private func sampled(_ tokens: TokenID...) -> [SampledToken] { tokens.map { SampledToken($0) } }

    @Test func aStopTokenEndsTheAnswerAndIsItsLast() {
        var bench = Bench("hybrid")
        bench.arrive(RequestSpec(id: first, prompt: [1, 2], maxNewTokens: 10, stopTokens: [5, 6]))
        _ = bench.schedule()
        bench.retire([4])
        _ = bench.schedule()
        bench.retire([6])
        #expect(
            bench.answers() == [
                .emit(first, sampled(4)), .emit(first, sampled(6)), .finish(first, .stopToken(6)),
            ])
        #expect(bench.schedule() == [])
    }

    @Test func aStopTokenBeforeTheMinimumIsOneOfMany() {
        var bench = Bench("hybrid")
        var spec = RequestSpec(id: first, prompt: [1], maxNewTokens: 10, stopTokens: [5])
        spec.sampling.minTokens = 3
        bench.arrive(spec)
        for _ in 0..<3 {
            _ = bench.schedule()
            bench.retire([5])
        }
        #expect(bench.answers().last == .finish(first, .stopToken(5)))
        #expect(bench.core.liveRequests == 0)
    }

    @Test func aStopTokenAtTheLimitIsTheReason() {
        var bench = Bench("hybrid")
        bench.arrive(RequestSpec(id: first, prompt: [1], maxNewTokens: 1, stopTokens: [5]))
        _ = bench.schedule()
        bench.retire([5])
        #expect(bench.answers().last == .finish(first, .stopToken(5)))
    }

    @Test func severalTokensOfOneSliceCountEach() {
        var bench = Bench("hybrid")
        bench.arrive(0, prompt: 2, max: 5)
        _ = bench.schedule()
        bench.retire([4, 4, 4])
        // Without a word of them, the keys and values of the first two are missing, as are those of the third, whose
        // logits are wanted.
        #expect(bench.schedule() == [[Share(0, 2..<5)]])
        bench.retire([4, 4, 4])
        let ending: [ActionRecord] = [.emit(first, sampled(4, 4)), .finish(first, .length)]
        #expect(bench.answers() == [.emit(first, sampled(4, 4, 4))] + ending)
    }

    @Test func whatIsComputedAlreadyIsNotComputedAgain() throws {
        var bench = Bench("hybrid", tokensPerBlock: 4)
        bench.arrive(0, prompt: 2, max: 9)
        bench.arrive(1, prompt: 5, max: 9)
        _ = bench.schedule()
        // Of three tokens the keys of two are there, which fill the block of the first request.
        bench.retire([4, 5, 6], kept: 2)
        try bench.core.checkIntegrity()
        #expect(bench.core.blocksInUse == 3)
        // What is left is a decode step each.
        #expect(bench.schedule() == [[Share(0, 4..<5), Share(1, 7..<8)]])
        #expect(bench.inFlight[0].phase == .decode)
        #expect(bench.inFlight[0].slices.map { Array($0.tokens) } == [[6], [6]])
        #expect(bench.inFlight[0].slices.map(\.blocks.count) == [2, 2])
        // Of two, none: the first is computed again.
        bench.retire([4, 5], kept: 0)
        try bench.core.checkIntegrity()
        #expect(bench.schedule() == [[Share(0, 5..<7), Share(1, 8..<10)]])
        bench.retire([7])
        #expect(bench.core.counters.recomputedTokens == 0)
    }

    /// The tokens after the one that ends the answer are neither emitted nor kept.
    @Test func anAnswerMayEndAmongTokensThatAreComputed() throws {
        var bench = Bench("hybrid", tokensPerBlock: 8)
        bench.arrive(0, prompt: 2, max: 3)
        bench.arrive(1, prompt: 3, max: 9)
        _ = bench.schedule()
        bench.retire([4, 5, 6, 7], kept: 3)
        let whole = EngineCoreTests.record(1, [4, 5, 6, 7])
        #expect(bench.answers() == [.emit(first, sampled(4, 5, 6)), .finish(first, .length), whole])
        #expect(bench.core.blocksInUse == 1)
        try bench.core.checkIntegrity()
        #expect(bench.schedule() == [[Share(1, 6..<7)]])
    }

    private static func record(_ id: Int, _ tokens: [TokenID]) -> ActionRecord {
        .emit(RequestID(id), tokens.map { SampledToken($0) })
    }

    /// Tokens that are computed ahead and then lost are counted as computed twice.
    @Test func whatWasComputedAheadIsLostWithAStage() throws {
        var bench = Bench("hybrid", tokensPerBlock: 8)
        bench.arrive(0, prompt: 2, max: 9)
        _ = bench.schedule()
        bench.retire([4, 5, 6], kept: 2)
        bench.tell(.stageLost(StageID(0)))
        #expect(bench.core.counters.recomputedTokens == 4)
        #expect(bench.core.blocksInUse == 0)
        bench.tell(.stageRestored(StageID(0)))
        #expect(bench.schedule() == [[Share(0, 0..<5)]])
        try bench.core.checkIntegrity()
    }

    @Test func logProbabilitiesPassThrough() {
        var bench = Bench("hybrid")
        bench.arrive(0, prompt: 2, max: 5)
        _ = bench.schedule()
        let token = SampledToken(3, logprob: -0.5, top: [TokenLogprob(token: 3, logprob: -0.5)])
        bench.tell(.retired(MicroBatchID(0), [[token]]))
        #expect(bench.answers() == [.emit(first, [token])])
    }

    @Test func withoutMaxTokensTheAnswerFillsTheContext() {
        var bench = Bench("hybrid", blocks: 1000, context: 50)
        bench.arrive(0, prompt: 10, max: nil)
        #expect(bench.finish() == 40)
        #expect(bench.answers().last == .finish(first, .length))
    }

    /// Cut short there, its tokens would depend on the pool.
    @Test func withoutMaxTokensTheAnswerIsRefusedWhenItOutgrowsThePool() throws {
        var bench = Bench("hybrid", blocks: 64, context: 100)
        bench.arrive(0, prompt: 10, max: nil)
        bench.arrive(1, prompt: 3, max: 20)
        _ = bench.finish()
        let answers = bench.answers()
        let refusals = answers.compactMap { answer -> AdmissionError? in
            if case .reject(first, let error) = answer { error } else { nil }
        }
        #expect(refusals.map(\.code) == [.kvPoolExceeded])
        for number in ["10", "55", "64"] { #expect(refusals.first?.message.contains(number) == true) }
        #expect(answers.contains(.finish(RequestID(1), .length)))
        #expect(bench.core.blocksInUse == 0)
        try bench.core.checkIntegrity()
    }

    @Test(arguments: [EngineEvent.cancelled(RequestID(0)), .stopped(RequestID(0))])
    func blocksInFlightAreFreedWhenTheirMicroBatchRetires(event: EngineEvent) throws {
        var bench = Bench("hybrid", stages: 2, blocks: 9, chunk: 4)
        bench.arrive(0, prompt: 8, max: 2)
        bench.arrive(1, prompt: 8, max: 2)
        #expect(bench.schedule() == [[Share(0, 0..<4)]])
        bench.tell(event)
        let reason: FinishReason = if case .cancelled = event { .cancelled } else { .stopped }
        #expect(bench.answers() == [.finish(first, reason)])
        #expect(bench.core.liveRequests == 1)
        #expect(bench.core.blocksInUse == 4)
        #expect(bench.schedule() == [[Share(1, 0..<4)]])
        try bench.core.checkIntegrity()
        bench.retire()
        #expect(bench.core.blocksInUse == 4)
        #expect(bench.answers() == [])
    }

    @Test func eventsAboutRequestsThatAreNotLiveAreIgnored() throws {
        var bench = Bench("hybrid")
        bench.tell(.cancelled(first))
        bench.tell(.stopped(first))
        bench.arrive(0, prompt: 1, max: 1)
        _ = bench.schedule()
        bench.retire()
        bench.tell(.cancelled(first))
        bench.tell(.stopped(first))
        #expect(bench.answers() == [.emit(first, sampled(9)), .finish(first, .length)])
        try bench.core.checkIntegrity()
    }

    @Test func aCancelledRequestInTheQueueNeverRuns() {
        var bench = Bench("separate")
        for id in 0..<3 { bench.arrive(id, prompt: 2, max: 1) }
        bench.tell(.cancelled(RequestID(1)))
        #expect(bench.schedule() == [[Share(0, 0..<2), Share(2, 0..<2)]])
        #expect(bench.core.liveRequests == 2)
    }

    @Test func theHistoryGoesAlongOnlyWhereTheDrawNeedsIt() {
        var bench = Bench("hybrid")
        bench.arrive(0, prompt: 2)
        var spec = RequestSpec(id: RequestID(1), prompt: [1, 2], maxNewTokens: 9)
        spec.sampling.repetitionPenalty = 1.1
        bench.arrive(spec)
        _ = bench.schedule()
        bench.retire([8])
        _ = bench.schedule()
        #expect(bench.inFlight[0].slices.map { $0.draws.first?.task.history } == [[], [1, 2, 8]])
        #expect(bench.inFlight[0].slices.map { $0.draws.first?.task.generated } == [1, 1])
    }
}
