import Scheduling
import Testing

/// Runs rolled forward on counts, beside the same runs of the core.
@Suite struct RolloutTests {
    private static let configuration = EngineConfiguration(
        stages: 3, tokensPerBlock: 4, blockCount: 120, contextLength: 1000, prefillChunk: 64)
    private static let costs = WeightBoundCost(stages: 3, knee: 16)

    private static func core(_ policy: any SchedulingPolicy) -> EngineCore {
        var core = EngineCore(configuration: configuration, policy: policy)
        var actions: [EngineAction] = []
        for id in 0..<30 {
            let prompt = [TokenID](repeating: 1, count: 5 + id * 7 % 40)
            core.handle(
                .arrived(RequestSpec(id: RequestID(id), prompt: prompt, maxNewTokens: 1 + id * 11 % 50)), at: .zero,
                into: &actions)
        }
        return core
    }

    private static func policy(_ name: String) throws -> any SchedulingPolicy {
        let settings = PolicySettings(costs: costs, lengths: OraclePredictor())
        return try #require(PolicyCatalogue.policy(named: name, settings: settings))
    }

    /// With known lengths a rollout is the run itself: the same micro-batches, in the same number.
    @Test(arguments: PolicyCatalogue.compared)
    func aRolloutOfKnownLengthsIsTheRun(name: String) throws {
        guard name != "auto" else { return }
        var core = Self.core(try Self.policy(name))
        var rollout = Rollout(
            core.view, try Self.policy(name), OraclePredictor(), Self.costs, extra: 0, mostRows: .max)
        rollout.advance(rows: .max)
        #expect(rollout.state == .ended)

        var (ends, now) = ([Double](repeating: 0, count: 3), 0.0)
        var flights: [(batch: MicroBatch, end: Double)] = []
        var actions: [EngineAction] = []
        var rows = 0
        core.handle(.schedule, at: .zero, into: &actions)
        while true {
            for case .dispatch(let batch) in actions {
                var end = now
                for stage in ends.indices {
                    end = max(end, ends[stage]) + Self.costs.seconds(batch.load, on: stage)
                    ends[stage] = end
                }
                rows += batch.load.tokens
                flights.append((batch, end))
            }
            actions.removeAll()
            guard !flights.isEmpty else { break }
            let (batch, end) = flights.removeFirst()
            now = end
            let tokens = batch.slices.map { slice in
                slice.draws.count > 0 ? [SampledToken(2)] : []
            }
            core.handle(.retired(batch.id, tokens), at: .zero, into: &actions)
            core.handle(.schedule, at: .zero, into: &actions)
        }
        #expect(core.liveRequests == 0)
        #expect(rollout.rows == rows)
        #expect(abs(rollout.now - now) < 1e-9 * now)
        #expect(rollout.promptRows + rollout.decodeRows == rows - core.counters.recomputedTokens)
    }

    /// A queue of which only the beginning is known: as many requests wait as at the beginning, until the last has come.
    @Test func moreRequestsComeBehindALongQueue() throws {
        let view = Self.core(try Self.policy("hybrid")).view
        var closed = Rollout(view, HybridPolicy(), OraclePredictor(), Self.costs, extra: 0, mostRows: .max)
        var open = Rollout(view, HybridPolicy(), OraclePredictor(), Self.costs, extra: 300, mostRows: .max)
        closed.advance(rows: .max)
        open.advance(rows: .max)
        #expect(open.state == .ended)
        #expect(open.rows > 5 * closed.rows)
        var bounded = Rollout(view, HybridPolicy(), OraclePredictor(), Self.costs, extra: 300, mostRows: 200)
        bounded.advance(rows: .max)
        #expect(bounded.state == .ended && bounded.rows >= 200 && bounded.rows < 200 + 64 + 30)
    }

    /// A rollout in pieces is the rollout in one.
    @Test func aRolloutMayStopAndGoOn() throws {
        let view = Self.core(try Self.policy("hybrid")).view
        var whole = Rollout(view, try Self.policy("td-pipe"), OraclePredictor(), Self.costs, extra: 20, mostRows: .max)
        var parts = whole
        whole.advance(rows: .max)
        while parts.state == .running { parts.advance(rows: 17) }
        #expect(parts.now == whole.now && parts.rows == whole.rows)
    }
}
