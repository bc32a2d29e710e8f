import Scheduling
import TestTools
import Testing

/// The bounds `tpot` and `ttft` of td-pipe, on stages that take exactly as long as the policy expects.
@Suite struct TimeBoundsTests {
    private static let stages = 3
    /// A decode step of up to 32 sequences, or a prefill unit of 32 tokens: 32 ms on each stage.
    private static let costs = WeightBoundCost(stages: stages, knee: 32)
    private static let unit = 0.032

    private struct Request {
        let arrival: Double
        let prompt: Int
        let answer: Int
    }

    /// What users see of a run.
    private struct Outcome {
        /// By request, when each token came.
        var tokens: [[Double]]
        var reports: [StepRecord] = []
        /// Slices of each micro-batch: request, start, tokens.
        var schedule: [[[Int]]] = []
    }

    private func run(_ options: String, _ requests: [Request], chunk: Int = 64) throws -> Outcome {
        let configuration = EngineConfiguration(
            stages: Self.stages, tokensPerBlock: 1, blockCount: 40_000, contextLength: 8000, prefillChunk: chunk)
        let policy = TDPipePolicy(
            costs: Self.costs, lengths: TestPredictor(.limit), options: try TDPipeOptions(parsing: options))
        var core = EngineCore(configuration: configuration, policy: policy)
        var outcome = Outcome(tokens: Array(repeating: [], count: requests.count))
        var actions: [EngineAction] = []
        var flights: [(batch: MicroBatch, end: Double, seconds: [Double])] = []
        var free = [Double](repeating: 0, count: Self.stages)
        var coming = requests.indices.sorted { requests[$0].arrival < requests[$1].arrival }[...]
        var now = 0.0
        func tell(_ event: EngineEvent) {
            core.handle(event, at: Instant(nanoseconds: Int64(now * 1e9)), into: &actions)
        }
        while !flights.isEmpty || !coming.isEmpty {
            if let oldest = flights.first, coming.first.map({ oldest.end <= requests[$0].arrival }) ?? true {
                now = oldest.end
                flights.removeFirst()
                let drawn = oldest.batch.slices.map { slice in
                    slice.draws.isEmpty ? [] : [SampledToken(1)]
                }
                tell(.retired(oldest.batch.id, drawn, stageSeconds: oldest.seconds))
            } else if let id = coming.popFirst() {
                now = max(now, requests[id].arrival)
                let prompt = [TokenID](repeating: 1, count: requests[id].prompt)
                let spec = RequestSpec(id: RequestID(id), prompt: prompt, maxNewTokens: requests[id].answer)
                tell(.arrived(spec))
            }
            tell(.schedule)
            for action in actions {
                switch action {
                case .emit(let id, let tokens): outcome.tokens[id.rawValue] += tokens.map { _ in now }
                case .report(let step): outcome.reports.append(step)
                case .dispatch(let batch):
                    var end = now
                    let seconds = free.indices.map { Self.costs.seconds(batch.load, on: $0) }
                    for stage in free.indices {
                        end = max(end, free[stage]) + seconds[stage]
                        free[stage] = end
                    }
                    flights.append((batch, end, seconds))
                    outcome.schedule.append(batch.slices.map { [$0.request.rawValue, $0.start, $0.tokens.count] })
                case .finish, .reject: break
                }
            }
            actions.removeAll()
        }
        try require(core.liveRequests == 0, "\(core.liveRequests) requests have no end")
        return outcome
    }

    /// Requests that come `rate` times a second on average, every twentieth with a long prompt.
    private func traffic(_ seed: Int, rate: Double, count: Int = 120) -> [Request] {
        var random = SplitMix(seed: seed)
        var time = 0.0
        return (0..<count).map { index in
            time += Double(random.int(0...2000)) / 1000 / rate
            let prompt = index % 20 == 19 ? random.int(800...3000) : random.int(1...120)
            return Request(arrival: time, prompt: prompt, answer: random.int(2...80))
        }
    }

    /// The least that any answer had saved when one of its tokens came.
    private func leastSaved(_ outcome: Outcome, tpot: Double) -> Double {
        outcome.tokens.map { times in
            times.indices.dropFirst().map { Double($0) * tpot - (times[$0] - times[0]) }.min() ?? 0
        }.min() ?? 0
    }

    @Test(arguments: 0..<8, ["", ",piggyback=off", ",stealing=off,piggyback=off"])
    func noAnswerOverdrawsItsSavedTime(seed: Int, options: String) throws {
        let tpot = 0.3
        let requests = traffic(seed, rate: 3)
        let bounded = try run("tpot=\(tpot)" + options, requests)
        #expect(leastSaved(bounded, tpot: tpot) >= -Self.unit)
        #expect(bounded.tokens.map(\.count) == requests.map(\.answer))
        // The bound is what keeps it.
        if options.contains("piggyback=off") {
            let free = try run(String(options.dropFirst()), requests)
            #expect(leastSaved(free, tpot: tpot) < -1)
            #expect(bounded.reports.contains { $0.decision?.reason == .tokenTime && $0.decision?.to == .decode })
            #expect(bounded.reports.contains { $0.decision?.reason == .tokenTime && $0.decision?.to == .prefill })
        }
    }

    /// A bound that decode steps alone exceed holds prompts back until nothing decodes, and no longer.
    @Test(arguments: ["tpot=0.001", "tpot=0.001,ttft=0.001", "tpot=0.05,piggyback=off"])
    func aBoundThatCannotBeKeptEndsNoRun(options: String) throws {
        let requests = traffic(3, rate: 4, count: 40)
        #expect(try run(options, requests).tokens.map(\.count) == requests.map(\.answer))
    }

    /// A prompt that comes while long answers decode: the policy alone would let it wait for them.
    @Test func aFirstTokenComesInTime() throws {
        let requests =
            (0..<24).map { _ in Request(arrival: 0, prompt: 20, answer: 400) }
            + (0..<10).map { Request(arrival: 3 + 4 * Double($0), prompt: 20, answer: 2) }
        func latest(_ options: String) throws -> Double {
            let tokens = try run(options, requests).tokens
            return requests.indices.suffix(10).map { tokens[$0][0] - requests[$0].arrival }.max() ?? 0
        }
        let alone = try latest("switch=fixed:1,piggyback=off")
        #expect(alone > 3, "\(alone)")
        for ttft in [1.0, 2.0] {
            let bounded = try latest("switch=fixed:1,piggyback=off,ttft=\(ttft)")
            #expect(bounded <= ttft && bounded > ttft / 2, "\(bounded)")
            let both = try latest("switch=fixed:1,piggyback=off,ttft=\(ttft),tpot=0.3")
            #expect(both <= ttft, "\(both)")
        }
        let reports = try run("switch=fixed:1,piggyback=off,ttft=1", requests).reports
        #expect(reports.contains { $0.decision?.reason == .firstTokenTime })
    }

    /// Where nothing can be kept any more, decode phases are not cut to pieces.
    @Test func requestsThatAreTooLateDoNotEndDecodePhases() throws {
        let requests =
            (0..<200).map { _ in Request(arrival: 0, prompt: 60, answer: 60) }
        let reports = try run("piggyback=off,ttft=0.001", requests).reports
        #expect(!reports.contains { $0.decision?.reason == .firstTokenTime })
    }

    @Test(arguments: 0..<10)
    func boundsThatNeverBindChangeNothing(seed: Int) throws {
        let requests = traffic(seed, rate: 5)
        let options = ["switch=marginal", "piggyback=off", "order=longest", "stealing=off"][seed % 4]
        let loose = try run(options + ",tpot=1e9,ttft=1e9", requests)
        #expect(loose.schedule == (try run(options, requests)).schedule)
    }
}
