import Scheduling
import TestTools

/// All that a run depends on.
struct Scenario {
    struct Entry {
        let time: Int
        let event: EngineEvent
    }
    /// The caller ends an answer `delay` after it has this many tokens.
    struct Stop {
        let tokens: Int
        let delay: Int
    }
    var seed = 0
    var configuration: EngineConfiguration
    var policy: String
    var tdPipe = TDPipeOptions()
    var predictor = TestPredictor.Kind.limit
    var vocabulary = 50
    /// Arrivals and cancellations by time.
    var agenda: [Entry]
    /// By request id.
    var stops: [Stop?]
    /// The most tokens that a slice draws.
    var depth = 1
    /// Whether the keys of tokens that a slice drew ahead stay in the cache where its blocks have room.
    var keepsTokensAhead: Bool { depth > 1 && seed % 2 == 0 }
    /// The longest time that a stage takes.
    var slowest = 10
    /// Stages that are lost; each comes back.
    var losses = 0

    var specs: [RequestSpec] {
        agenda.compactMap { if case .arrived(let spec) = $0.event { spec } else { nil } }
    }

    func makePolicy() -> any SchedulingPolicy {
        guard policy == "td-pipe" else { return TestPolicies.named(policy, stages: configuration.stages) }
        return TDPipePolicy(
            costs: TestCost(stages: configuration.stages, seed: seed), lengths: TestPredictor(predictor),
            options: tdPipe)
    }

    /// Whether every answer is at most as long as predicted, so that td-pipe needs to preempt none.
    var isForeseen: Bool {
        guard policy == "td-pipe", depth == 1, tdPipe.greedy == .predicted, !tdPipe.piggyback else { return false }
        return switch predictor {
        case .truth, .limit: true
        default: false
        }
    }

    /// A request alone on one stage, with nothing else in the pool.
    func alone(_ spec: RequestSpec) -> Scenario {
        var scenario = self
        scenario.configuration.stages = 1
        scenario.agenda = [Entry(time: 0, event: .arrived(spec))]
        scenario.losses = 0
        scenario.stops = Array(repeating: nil, count: stops.count)
        scenario.depth = 1
        return scenario
    }

    /// No more micro-batches than this may be needed: each one brings some sequence on, and the oldest request never
    /// loses what it has, so that tokens are computed again only for the sake of an older one.
    var roundLimit: Int {
        let room = min(configuration.contextLength, configuration.poolTokens + 1)  // at the end of either it is over
        let tokens = specs.map { $0.prompt.count + min(room, max(1, $0.maxNewTokens ?? room)) }
        return (1 + losses) * configuration.stages * (2 * tokens.reduce(0, +) + 10 * tokens.count)
    }
}

extension Scenario {
    /// Draws a scenario: pools from roomy to one block more than nothing, arrivals over time, cancellations, stops,
    /// requests that can never fit, groups of equal prompts, and stages that are lost and come back.
    init(seed: Int) {
        var random = SplitMix(schedule: seed)
        let tokensPerBlock = random.element([1, 2, 3, 4, 16])
        let count = random.int(1...14)
        let longest = random.element([3, 8, 20, 100])
        let answers = random.element([1, 8, 25, 60])
        let fair = (longest + answers + tokensPerBlock - 1) / tokensPerBlock
        let blocks = random.element([fair, fair + 1, fair + fair / 2, 2 * fair, 10 * fair])
        let stages = random.oneIn(4) ? random.int(1...16) : random.int(1...6)
        let configuration = EngineConfiguration(
            stages: stages, tokensPerBlock: tokensPerBlock, blockCount: blocks,
            contextLength: random.element([longest + answers, 2 * (longest + answers)]),
            prefillChunk: random.element([random.int(1...8), random.int(1...40), random.int(1...600), 600]),
            maxSequences: random.element([1, random.int(1...14), 14, 14]),
            prefillWindow: random.element([nil, nil, stages, stages + random.int(0...9)]))
        self.init(
            seed: seed, configuration: configuration,
            policy: random.element(TestPolicies.names + Array(repeating: "td-pipe", count: 4)), agenda: [], stops: [])
        vocabulary = random.element([5, 100, 1000])
        depth = random.element([1, 1, 1, 3])
        slowest = random.element([1, 10, 100])
        let span = random.element([0, 0, 20, 1000])
        var shared: [TokenID] = []
        for index in 0..<count {
            if index == 0 || !random.oneIn(3) { shared = Self.prompt(upTo: longest, vocabulary, &random) }
            let spec = Self.request(index, prompt: shared, answers: answers, vocabulary, &random)
            let time = random.int(0...span)
            agenda.append(Entry(time: time, event: .arrived(spec)))
            if random.oneIn(8) {
                agenda.append(Entry(time: time + random.int(0...20 * slowest), event: .cancelled(spec.id)))
            }
            let stop = Stop(tokens: random.int(1...max(1, answers)), delay: random.element([0, random.int(0...200)]))
            stops.append(random.oneIn(8) ? stop : nil)
        }
        drawLosses()
        sortAgenda()
        if policy == "td-pipe" { drawOptions(answers: answers, &random) }
    }

    private mutating func drawOptions(answers: Int, _ random: inout SplitMix) {
        let share = Double(random.int(1...20)) / 20
        tdPipe = TDPipeOptions(
            greedy: random.oneIn(4) ? .fixed(share) : .predicted, stealing: !random.oneIn(4),
            switching: random.element([.intensity, .intensity, .released, .marginal, .fixed(share)]),
            order: random.element([.arrival, .longest]))
        tdPipe.piggyback = seed.isMultiple(of: 2)
        let kinds: [TestPredictor.Kind] = [
            .limit, .truth([]), .truth([]), .constant(1), .constant(answers), .wild(seed), .mean,
        ]
        predictor = random.element(kinds)
        guard case .truth = predictor else { return }
        var lengths = [Int](repeating: 1, count: stops.count)
        for spec in specs where !spec.prompt.isEmpty && (spec.maxNewTokens ?? 1) > 0 {
            var spec = spec
            let room = max(1, configuration.contextLength - spec.prompt.count)
            spec.maxNewTokens = min(spec.maxNewTokens ?? room, room)
            lengths[spec.id.rawValue] =
                CheckedEngine.answer(to: spec, context: configuration.contextLength, vocabulary: vocabulary).count
        }
        predictor = .truth(lengths)
    }

    /// In one of three scenarios. From a generator of their own, so that the others are what they would be without.
    private mutating func drawLosses() {
        var random = SplitMix(schedule: seed + 1_000_003)
        losses = random.oneIn(3) ? random.int(1...4) : 0
        for _ in 0..<losses {
            let stage = StageID(random.int(0...configuration.stages - 1))
            let time = random.int(0...random.element([4, 40, 400]) * slowest)
            agenda.append(Entry(time: time, event: .stageLost(stage)))
            agenda.append(
                Entry(time: time + random.int(0...random.element([0, 20]) * slowest), event: .stageRestored(stage)))
        }
    }

    /// By time; what was drawn first stays first.
    private mutating func sortAgenda() {
        let order = agenda.indices.sorted { (agenda[$0].time, $0) < (agenda[$1].time, $1) }
        agenda = order.map { agenda[$0] }
    }

    private static func prompt(upTo longest: Int, _ vocabulary: Int, _ random: inout SplitMix) -> [TokenID] {
        let count = random.oneIn(20) ? random.int(0...4 * longest) : random.int(1...longest)
        return (0..<count).map { _ in TokenID(random.int(0...vocabulary - 1)) }
    }

    private static func request(
        _ index: Int, prompt: [TokenID], answers: Int, _ vocabulary: Int, _ random: inout SplitMix
    ) -> RequestSpec {
        var spec = RequestSpec(id: RequestID(index), prompt: prompt, maxNewTokens: answers)
        if random.oneIn(3) { spec.maxNewTokens = random.int(1...answers) }
        if random.oneIn(10) { spec.maxNewTokens = nil }
        if random.oneIn(30) { spec.maxNewTokens = random.element([0, -1, .min, .max, 3 * answers + 100]) }
        if random.oneIn(3) { spec.stopTokens = (0...random.int(0...2)).map { TokenID($0) } }
        if random.oneIn(3) { spec.sampling.minTokens = random.int(0...answers) }
        if random.oneIn(4) { spec.sampling.presencePenalty = 0.5 }
        if random.oneIn(2) { spec.sampling.seedKey = UInt64(random.int(0...2)) }
        return spec
    }
}
