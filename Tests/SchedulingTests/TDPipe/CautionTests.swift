import Scheduling
import TestTools
import Testing

/// td-pipe learns caution from preemptions: a predictor that is always wrong may cost a bounded share of the work.
@Suite struct CautionTests {
    /// Runs answers of 100 to 300 tokens in a pool of 1,600, of which one more token is expected at any time.
    private func run(requests: Int, seed: Int) -> EngineCounters {
        var random = SplitMix(seed: seed)
        let configuration = EngineConfiguration(stages: 2, tokensPerBlock: 4, blockCount: 400, contextLength: 1000)
        let policy = TDPipePolicy(costs: TestCost(stages: 2), lengths: TestPredictor(.constant(1)))
        var core = EngineCore(configuration: configuration, policy: policy)
        var actions: [EngineAction] = []
        for id in 0..<requests {
            let prompt = [TokenID](repeating: 1, count: random.int(1...20))
            let spec = RequestSpec(id: RequestID(id), prompt: prompt, maxNewTokens: random.int(100...300))
            core.handle(.arrived(spec), at: .zero, into: &actions)
        }
        var inFlight: [MicroBatch] = []
        repeat {
            actions.removeAll()
            core.handle(.schedule, at: .zero, into: &actions)
            for case .dispatch(let batch) in actions { inFlight.append(batch) }
            let batch = inFlight.removeFirst()
            let drawn = batch.slices.map { $0.draws.map { _ in SampledToken(1) } }
            core.handle(.retired(batch.id, drawn), at: .zero, into: &actions)
        } while core.liveRequests > 0
        return core.counters
    }

    @Test(arguments: 0..<8)
    func requestsRarelyLoseTheirBlocks(seed: Int) {
        let counters = run(requests: 400, seed: seed)
        #expect(counters.preemptions > 0)
        // Each request twice without caution.
        #expect(counters.preemptions < 600)
    }
}
