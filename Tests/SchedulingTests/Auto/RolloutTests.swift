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
            core.view, try Self.policy(name), OraclePredictor(), Self.costs, extra: 0, mostWork: .max)
        rollout.advance(work: .max)
        #expect(rollout.state == .ended)

        var (ends, now) = ([Double](repeating: 0, count: 3), 0.0)
        var flights: [(batch: MicroBatch, end: Double)] = []
        var actions: [EngineAction] = []
        var (rows, work) = (0, 0)
        core.handle(.schedule, at: .zero, into: &actions)
        while true {
            for case .dispatch(let batch) in actions {
                var end = now
                for stage in ends.indices {
                    end = max(end, ends[stage]) + Self.costs.seconds(batch.load, on: stage)
                    ends[stage] = end
                }
                rows += batch.load.tokens
                work += batch.slices.count + 8
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
        #expect(rollout.work == work)
        #expect(abs(rollout.now - now) < 1e-9 * now)
        #expect(rollout.promptRows + rollout.decodeRows == rows - core.counters.recomputedTokens)
    }

    /// `auto` can be tried as a whole, with the rollouts that it makes on the way: `run --stages auto` asks it what a
    /// shape is worth.
    @Test func autoIsRolledForwardToTheEnd() throws {
        func rolled() throws -> Rollout {
            let auto = try Self.policy("auto")
            var rollout = Rollout(
                Self.core(auto).view, auto, OraclePredictor(), Self.costs, extra: 0, mostWork: .max)
            rollout.advance(work: .max)
            return rollout
        }
        let (one, two) = (try rolled(), try rolled())
        #expect(one.state == .ended)
        // A prompt's last row draws the first token of the answer, so that n tokens take n - 1 rows more.
        #expect(one.promptRows + one.decodeRows == (0..<30).reduce(0) { $0 + 5 + $1 * 7 % 40 + $1 * 11 % 50 })
        #expect(one.now > 0 && one.now == two.now && one.work == two.work)
    }

    /// A queue of which only the beginning is known: as many requests wait as at the beginning, until the last has come.
    @Test func moreRequestsComeBehindALongQueue() throws {
        let view = Self.core(try Self.policy("hybrid")).view
        var closed = Rollout(view, HybridPolicy(), OraclePredictor(), Self.costs, extra: 0, mostWork: .max)
        var open = Rollout(view, HybridPolicy(), OraclePredictor(), Self.costs, extra: 300, mostWork: .max)
        closed.advance(work: .max)
        open.advance(work: .max)
        #expect(open.state == .ended)
        #expect(open.work > 5 * closed.work)
        var bounded = Rollout(view, HybridPolicy(), OraclePredictor(), Self.costs, extra: 300, mostWork: 200)
        bounded.advance(work: .max)
        #expect(bounded.state == .ended && bounded.work >= 200 && bounded.work < 200 + 30 + 8)
    }

    /// A rollout in pieces is the rollout in one.
    @Test func aRolloutMayStopAndGoOn() throws {
        let view = Self.core(try Self.policy("hybrid")).view
        var whole = Rollout(view, try Self.policy("td-pipe"), OraclePredictor(), Self.costs, extra: 20, mostWork: .max)
        var parts = whole
        whole.advance(work: .max)
        while parts.state == .running { parts.advance(work: 17) }
        #expect(parts.now == whole.now && parts.work == whole.work)
    }

    /// Lengths eight times as short, and lengths that are given out the other way round, are other runs of the same
    /// requests.
    @Test func answersGetOtherPossibleLengths() throws {
        var lengths = HistoryPredictor(respectsLimit: false)
        for id in 0..<200 { lengths.observe(promptTokens: 10, generated: 1 + id * id % 331) }
        let view = Self.core(try Self.policy("hybrid")).view
        func rollout(_ possible: Rollout.PossibleLengths) -> Rollout {
            var rollout = Rollout(view, HybridPolicy(), lengths, Self.costs, possible, extra: 0, mostWork: .max)
            rollout.advance(work: .max)
            return rollout
        }
        let usual = rollout(.init())
        let mirrored = rollout(.init(isMirrored: true))
        let short = rollout(.init(factor: 0.125))
        // The same lengths for other requests; the last token of a prompt that is computed again is a decode step too.
        #expect(abs(usual.decodeRows - mirrored.decodeRows) * 100 < usual.decodeRows)
        #expect(usual.now != mirrored.now)
        #expect(short.decodeRows * 7 < usual.decodeRows && short.decodeRows * 9 > usual.decodeRows)
        #expect(short.meanContext < usual.meanContext)
    }
}
