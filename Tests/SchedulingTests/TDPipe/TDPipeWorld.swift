import Scheduling
import TestTools

/// A run of td-pipe that is drawn from a seed: a pipeline, requests that arrive over time, all options of the policy and
/// all kinds of predictors, cancelled requests and lost stages. It draws from its own generator alone and asks nothing
/// of the other scenarios of these tests, so that its schedules change with the policy and with nothing else.
struct TDPipeWorld {
    private struct Request {
        let prompt: Int
        /// Tokens of the answer, and the most that it may have.
        let answer: Int
        let limit: Int
        let forecast: LengthForecast?
    }
    private enum Happening {
        case arrival(Int)
        case cancellation(Int)
        case stop(Int)
        case loss(StageID)
        case restoration(StageID)
    }
    let configuration: EngineConfiguration
    private(set) var options: TDPipeOptions
    let predictor: String
    private let seed: Int
    private var requests: [Request] = []
    private var agenda: [(time: Int, happening: Happening)] = []
    /// The longest time that a stage takes for a micro-batch.
    private let slowest: Int
    /// Whether the policy is told how long stages took.
    private let isMeasured: Bool
    private var random: SplitMix

    /// - Parameter mostRequests: the most requests of a world, at least 1.
    init(seed: Int, mostRequests: Int = 80) {
        var random = SplitMix(schedule: seed)
        self.seed = seed
        let stages = random.int(1...6)
        let perBlock = random.element([1, 4, 16])
        let longest = random.element([5, 30, 120])
        let answers = random.element([1, 6, 30, 90])
        let fair = (longest + answers + perBlock - 1) / perBlock
        configuration = EngineConfiguration(
            stages: stages, tokensPerBlock: perBlock,
            blockCount: random.element([fair, fair + 1, 2 * fair, 5 * fair, 20 * fair]) + random.int(0...3),
            contextLength: 4 * (longest + answers),
            prefillChunk: random.element([random.int(1...8), random.int(8...64), 512]),
            maxSequences: random.element([1, random.int(1...14), 64, 64]),
            prefillWindow: random.element([nil, nil, stages, stages + random.int(0...9)]))
        let share = Double(random.int(1...20)) / 20
        options = TDPipeOptions(
            greedy: random.oneIn(4) ? .fixed(share) : .predicted, stealing: !random.oneIn(4),
            switching: random.element([.intensity, .intensity, .released, .marginal, .fixed(share)]),
            order: random.element([.auto, .arrival, .longest]))
        predictor = random.element([
            "oracle", "oracle", "constant:\(random.int(1...2 * answers))", "prompt-length", "history", "history:80",
            "learned", "wild", "next",
        ])
        slowest = random.element([1, 10, 100])
        isMeasured = !random.oneIn(3)
        self.random = random
        drawRequests(random.int(1...mostRequests), longest: longest, answers: answers, &random)
        if random.oneIn(3) { drawLosses(&random) }
        self.random = random
        // By time; what was drawn first stays first.
        let order = agenda.indices.sorted { (agenda[$0].time, $0) < (agenda[$1].time, $1) }
        agenda = order.map { agenda[$0] }
        options.piggyback = self.random.oneIn(2)
    }

    private mutating func drawRequests(_ count: Int, longest: Int, answers: Int, _ random: inout SplitMix) {
        let span = random.element([0, 0, 20, 2000]) * slowest
        let isForecast = random.oneIn(2)
        for id in 0..<count {
            let prompt = random.int(1...longest)
            let answer = random.oneIn(8) ? 1 : random.int(1...answers)
            let limit = random.oneIn(2) ? answer : random.int(answer...answers)
            let forecast = LengthForecast((0..<LengthForecast.count).map { _ in random.int(1...2 * answers) })
            requests.append(
                Request(prompt: prompt, answer: answer, limit: limit, forecast: isForecast ? forecast : nil))
            let time = random.int(0...span)
            agenda.append((time, .arrival(id)))
            if random.oneIn(10) { agenda.append((time + random.int(0...200) * slowest, .cancellation(id))) }
            if random.oneIn(10) { agenda.append((time + random.int(0...200) * slowest, .stop(id))) }
        }
    }

    private mutating func drawLosses(_ random: inout SplitMix) {
        for _ in 0..<random.int(1...3) {
            let stage = StageID(random.int(0...configuration.stages - 1))
            let time = random.int(0...random.element([4, 40, 400]) * slowest)
            agenda.append((time, .loss(stage)))
            agenda.append((time + random.int(0...random.element([0, 20]) * slowest), .restoration(stage)))
        }
    }

    func makePolicy() throws -> TDPipePolicy {
        let lengths: any LengthPredictor =
            switch predictor {
            case "wild": TestPredictor(.wild(seed))
            case "next": TestPredictor(.constant(1))
            default: try LengthPredictorCatalogue.predictor(named: predictor, respectsLimit: seed.isMultiple(of: 2))
            }
        let costs: any StepCost =
            seed.isMultiple(of: 5)
            ? AssumedStepCost(stages: configuration.stages) : TestCost(stages: configuration.stages, seed: seed)
        return TDPipePolicy(costs: costs, lengths: lengths, options: options)
    }

    /// Runs until every request has ended. P stages take micro-batches in order, each for a drawn time.
    /// - Parameter visit: is told of every action in the order of the core.
    func run(visit: (EngineAction) -> Void) throws -> EngineCounters {
        var random = random
        var core = EngineCore(configuration: configuration, policy: try makePolicy())
        var agenda = agenda[...]
        var now = 0
        var stageFree = [Int](repeating: 0, count: configuration.stages)
        var inFlight: [(batch: MicroBatch, end: Int, seconds: [Double])] = []
        var actions: [EngineAction] = []
        func tell(_ event: EngineEvent) {
            core.handle(event, at: Instant(nanoseconds: Int64(now)), into: &actions)
        }
        while !inFlight.isEmpty || !agenda.isEmpty {
            if let oldest = inFlight.first, agenda.first.map({ oldest.end <= $0.time }) ?? true {
                now = oldest.end
                inFlight.removeFirst()
                tell(.retired(oldest.batch.id, drawn(oldest.batch), stageSeconds: isMeasured ? oldest.seconds : []))
            } else if let entry = agenda.popFirst() {
                now = max(now, entry.time)
                if case .loss = entry.happening {
                    inFlight = []
                    for stage in stageFree.indices { stageFree[stage] = now }
                }
                tell(event(entry.happening))
            }
            // Not after every event: several may be told before the core plans.
            if (inFlight.isEmpty && agenda.isEmpty) || !random.oneIn(4) { tell(.schedule) }
            for case .dispatch(let batch) in actions {
                var end = now
                var seconds: [Double] = []
                for stage in stageFree.indices {
                    let taken = random.int(1...slowest)
                    end = max(end, stageFree[stage]) + taken
                    stageFree[stage] = end
                    seconds.append(Double(taken))
                }
                inFlight.append((batch, end, seconds))
            }
            for action in actions { visit(action) }
            actions.removeAll(keepingCapacity: true)
        }
        try require(core.liveRequests == 0, "\(core.liveRequests) requests have no end in world \(seed)")
        return core.counters
    }

    /// A number for all that the policy decides in a run: what each micro-batch holds, and what was told of it. Not for what
    /// the core makes of it, as which blocks a request is given, nor for the exact figures of a decision.
    /// - Parameter decided: is told of each decision.
    func scheduleDigest(decided: (PhaseDecision) -> Void = { _ in }) throws -> (
        digest: UInt64, counters: EngineCounters
    ) {
        var digest: UInt64 = 0
        func add(_ number: Int) { digest = mixed(digest &+ UInt64(bitPattern: Int64(number))) }
        let counters = try run { action in
            switch action {
            case .dispatch(let batch):
                add(batch.slices.count)
                for slice in batch.slices {
                    add(slice.request.rawValue)
                    add(slice.start)
                    add(slice.tokens.count)
                }
            case .report(let step):
                add(step.predictedPeakBlocks ?? -1)
                guard let decision = step.decision else { break }
                add(PhaseDecision.Reason.allCases.firstIndex(of: decision.reason) ?? -1)
                add(decision.to == .prefill ? 0 : 1)
                add(decision.waiting)
                add(decision.decoding)
                decided(decision)
            case .finish(let id, _): add(id.rawValue)
            case .emit, .reject: break
            }
        }
        return (digest, counters)
    }

    private func event(_ happening: Happening) -> EngineEvent {
        switch happening {
        case .arrival(let id):
            .arrived(
                RequestSpec(
                    id: RequestID(id), prompt: Array(repeating: 1, count: requests[id].prompt),
                    maxNewTokens: requests[id].limit, stopTokens: [0], forecast: requests[id].forecast))
        case .cancellation(let id): .cancelled(RequestID(id))
        case .stop(let id): .stopped(RequestID(id))
        case .loss(let stage): .stageLost(stage)
        case .restoration(let stage): .stageRestored(stage)
        }
    }

    /// The stop token ends an answer that has its length.
    private func drawn(_ batch: MicroBatch) -> [[SampledToken]] {
        batch.slices.map { slice in
            slice.draws.map { point in
                SampledToken(point.task.generated + 1 < requests[slice.request.rawValue].answer ? 1 : 0)
            }
        }
    }
}
