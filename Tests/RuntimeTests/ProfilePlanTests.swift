import Runtime
import Scheduling
import Testing

@Suite struct ProfilePlanTests {
    private func configuration(
        blocks: Int = 4096, context: Int = 2048, chunk: Int = 512
    ) -> EngineConfiguration {
        EngineConfiguration(
            stages: 2, tokensPerBlock: 16, blockCount: blocks, contextLength: context, prefillChunk: chunk)
    }

    private func prompts(_ plan: ProfilePlan) -> [Int] {
        plan.points.compactMap { if case .prefill(let tokens) = $0 { tokens } else { nil } }
    }

    private func contexts(_ plan: ProfilePlan) -> Set<Int> {
        Set(plan.points.compactMap { if case .decode(_, let context) = $0 { context } else { nil } })
    }

    @Test func aFullProfileGoesUpToTheChunk() {
        for (chunk, expected) in [(1, [1]), (8, [1, 2, 4, 8]), (100, [1, 2, 4, 8, 16, 32, 64, 100])] {
            #expect(prompts(.full(configuration(chunk: chunk))) == expected)
        }
        #expect(contexts(.full(configuration())) == [64, 256, 1024])
    }

    @Test func aShortProfileHasFewPoints() {
        let plan = ProfilePlan.short(configuration())
        #expect(prompts(plan) == [1, 8, 32, 128] && contexts(plan) == [16, 256])
        #expect(plan.points.count == 10 && plan.secondsLimit < ProfilePlan.full(configuration()).secondsLimit)
        #expect(prompts(.short(configuration(chunk: 20))) == [1, 8])
    }

    /// Whatever the model and the pool: two contexts at least, so that the cost of a token attended to can be told.
    @Test func aShortContextIsDivided() {
        for plan in [ProfilePlan.full(configuration(context: 40)), .short(configuration(context: 15))] {
            #expect(contexts(plan).count == 2)
        }
        #expect(contexts(.short(configuration(context: 1, chunk: 1))) == [1])
    }

    @Test(arguments: [1, 2, 17, 400, 100_000])
    func everyPointFitsTheModelAndThePool(blocks: Int) {
        for context in [1, 16, 100, 4096] {
            let configuration = configuration(blocks: blocks, context: context)
            for plan in [ProfilePlan.full(configuration), .short(configuration)] {
                #expect(!plan.points.isEmpty)
                for point in plan.points {
                    switch point {
                    case .prefill(let tokens):
                        #expect(tokens <= context && configuration.blocks(forTokens: tokens) <= blocks)
                    case .decode(let sequences, let each):
                        #expect(each <= context && sequences * configuration.blocks(forTokens: each) <= blocks)
                    }
                }
            }
        }
    }

    @Test func theCheapestComeFirstAndNoneTwice() {
        let points = ProfilePlan.full(configuration()).points
        #expect(Set(points).count == points.count)
        let keys = points.map { [$0.load.tokens, $0.load.context] }
        for (before, after) in zip(keys, keys.dropFirst()) { #expect(!after.lexicographicallyPrecedes(before)) }
    }

    @Test func aPointKnowsItsLoad() {
        #expect(ProfilePoint.prefill(tokens: 4).load == StepLoad(tokens: 4, context: 10, sequences: 1))
        #expect(
            ProfilePoint.decode(sequences: 3, context: 20).load == StepLoad(tokens: 3, context: 60, sequences: 3))
    }
}
