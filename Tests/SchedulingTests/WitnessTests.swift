import FaultWorlds
import Scheduling
import Testing

/// What the witness makes of blocks with several owners. No core shares blocks yet: its micro-batches are made by hand.
@Suite struct WitnessTests {
    private static let prompts: [[TokenID]] = [[1, 2, 3, 4, 5], [1, 2, 3, 4, 6], [1, 2, 9, 4, 6]]
    private var witness: Witness

    /// Blocks of two tokens. Three requests, of which the first is computed as a whole: the second begins with its first
    /// four tokens, the third with its first two.
    init() throws {
        let configuration = EngineConfiguration(stages: 4, tokensPerBlock: 2, blockCount: 9, contextLength: 20)
        witness = Witness(configuration, overtaking: .never)
        for (id, prompt) in Self.prompts.enumerated() {
            witness.arrive(RequestSpec(id: RequestID(id), prompt: prompt, maxNewTokens: 9), answer: [7, 7, 7])
        }
        try dispatch(0, from: 0, [0, 1, 2])
    }

    private mutating func dispatch(_ id: Int, from start: Int, to end: Int? = nil, _ blocks: [BlockID]) throws {
        let known = Self.prompts[id] + witness[RequestID(id)].answer
        let end = end ?? known.count
        let task = SamplingTask(
            parameters: RequestSpec(id: RequestID(id), prompt: [], maxNewTokens: nil).sampling,
            generated: witness[RequestID(id)].answered, history: [])
        let slice = SequenceSlice(
            request: RequestID(id), start: start, tokens: Array(known[start..<end]), blocks: blocks,
            sampling: end == known.count ? task : nil)
        try witness.dispatch(MicroBatch(id: MicroBatchID(witness.dispatched), phase: .prefill, slices: [slice]))
    }

    private mutating func violation(_ id: Int, from start: Int, _ blocks: [BlockID]) -> FaultViolation.Invariant? {
        var copy = self
        do {
            try copy.dispatch(id, from: start, blocks)
            return nil
        } catch {
            return (error as? FaultViolation)?.invariant
        }
    }

    @Test mutating func aBlockMayHaveSeveralOwnersOfItsTokens() throws {
        #expect(violation(1, from: 4, [0, 1, 3]) == nil)
        #expect(violation(1, from: 2, [0, 3, 4]) == nil)
        try dispatch(1, from: 4, [0, 1, 3])
        // The first has its last block for itself, and writes on there; the second in its own.
        _ = witness.retire(computedThrough: [])
        _ = witness.retire(computedThrough: [])
        for id in 0...1 { try witness.emit(RequestID(id), [SampledToken(7)]) }
        #expect(violation(0, from: 5, [0, 1, 2]) == nil)
        #expect(violation(1, from: 5, [0, 1, 3]) == nil)
        #expect(violation(1, from: 5, [0, 1, 2]) == .blocks)
    }

    @Test mutating func otherTokensMayNotBeShared() throws {
        // Blocks in another place, of which nothing is known, that hold other tokens, or are not whole.
        #expect(violation(1, from: 4, [0, 2, 3]) == .blocks)
        #expect(violation(1, from: 4, [0, 5, 3]) == .blocks)
        #expect(violation(1, from: 3, [0, 1]) == .dispatch)
        try dispatch(1, from: 4, [0, 1, 3])
        #expect(violation(2, from: 4, [0, 1, 4]) == .blocks)
        #expect(violation(2, from: 2, [0, 4, 5]) == nil)
        // Nor may it be written to, while it is in flight or later.
        #expect(violation(2, from: 0, [0, 4, 5]) == .blocks)
    }

    /// Whoever is given a block to write to takes it from all of its owners.
    @Test mutating func aSharedBlockThatIsUsedAgainWasGivenUpByAll() throws {
        try dispatch(1, from: 4, [0, 1, 3])
        _ = witness.retire(computedThrough: [])
        _ = witness.retire(computedThrough: [])
        for id in 0...1 { try witness.emit(RequestID(id), [SampledToken(7)]) }
        try dispatch(2, from: 0, [1, 4, 5])
        for id in 0...1 {
            #expect(witness[RequestID(id)].mustRestart)
            #expect(violation(id, from: 5, [0, 1, 2 + BlockID(id)]) == .dispatch)
            #expect(violation(id, from: 0, [6, 7, 8]) == nil)
        }
    }

    @Test mutating func whatWasComputedAheadIsNotComputedAgain() throws {
        _ = witness.retire(computedThrough: [6])
        try witness.emit(RequestID(0), [SampledToken(7), SampledToken(7)])
        #expect(violation(0, from: 5, [0, 1, 2, 3]) == .dispatch)
        #expect(violation(0, from: 6, [0, 1, 2, 3]) == nil)
    }
}
