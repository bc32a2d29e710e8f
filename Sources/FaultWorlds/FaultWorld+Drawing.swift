import Platform
import Scheduling
import Simulation

extension FaultWorld {
    /// Draws a world: pools from roomy to just enough for one request, arrivals over time, requests that can never fit,
    /// groups of equal prompts, and faults from none to constant. One world in 25 is large.
    package init(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let size = Size(&random)
        let fair = size.fairBlocks
        let stages = random.integer(in: 1...(random.chance(25) ? 16 : 5))
        self.seed = seed
        configuration = EngineConfiguration(
            stages: stages, tokensPerBlock: size.tokensPerBlock,
            blockCount: size.isLarge
                ? fair * random.integer(in: 12...24)
                : random.element([fair, fair + 1, fair + fair / 2, 2 * fair, 10 * fair]),
            contextLength: (size.longestPrompt + size.longestAnswer) * random.integer(in: 1...2),
            prefillChunk: random.integer(in: size.isLarge ? 16...200 : 1...random.element([8, 40, 600])),
            maxSequences: size.isLarge
                ? random.integer(in: 24...256) : random.element([1, random.integer(in: 1...14), 14, 14]),
            prefillWindow: random.element([nil, stages, stages + random.integer(in: 0...9)]))
        // Half of the worlds are td-pipe's, which promises most.
        policy = random.element(PolicyCatalogue.names + Array(repeating: "td-pipe", count: 4))
        stageNanoseconds = []
        drawMachine(&random)
        drawRequests(size, &random)
        drawPolicy(answers: size.longestAnswer, &random)
        drawFaults(&random)
        if size.isLarge, random.chance(50) { faults = .none }
        tdPipe.piggyback = random.chance(50)
        // From bounds that nothing keeps to bounds that nothing reaches.
        let bounds = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1]
        if random.chance(30) { tdPipe.tpot = random.element(bounds) }
        if random.chance(30) { tdPipe.ttft = random.element(bounds) }
    }

    /// How large the parts of a world are.
    private struct Size {
        /// Whether hundreds of requests wait for a pool that holds dozens of them.
        let isLarge: Bool
        let requests: Int
        let tokensPerBlock: Int
        /// Tokens of most prompts, at most.
        let longestPrompt: Int
        /// Tokens of most answers, at most.
        let longestAnswer: Int

        init(_ random: inout SeededRandom) {
            isLarge = random.chance(4)
            tokensPerBlock = random.element([1, 2, 3, 4, 16])
            longestPrompt = random.element([3, 8, 20, 60])
            longestAnswer = random.element(isLarge ? [1, 1, 2, 8, 20] : [1, 8, 25, 40])
            requests = random.integer(in: isLarge ? 100...200 : 1...12)
        }

        /// Blocks of a request with the longest prompt and answer.
        var fairBlocks: Int { (longestPrompt + longestAnswer + tokensPerBlock - 1) / tokensPerBlock }
    }

    private mutating func drawMachine(_ random: inout SeededRandom) {
        let slowest = random.element([1, 100, 2000])
        let isEven = random.chance(50)
        let first = random.integer(in: 1...slowest)
        stageNanoseconds = (0..<configuration.stages).map { _ in
            Int64(isEven ? first : random.integer(in: 1...slowest))
        }
        tokenNanoseconds = Int64(random.integer(in: 0...random.element([0, 10, 200])))
        latency = Int64(random.integer(in: 0...random.element([0, 50, 3000])))
        rowNanoseconds = Int64(random.integer(in: 0...random.element([0, 5, 100])))
        dispatchDelay = Int64(random.integer(in: 0...random.element([0, 200])))
        retireDelay = Int64(random.integer(in: 0...random.element([0, 200])))
        sharesMedium = random.chance(30)
        measures = random.chance(70)
        idleness = random.element([0, 25, 80])
    }

    private mutating func drawRequests(_ size: Size, _ random: inout SeededRandom) {
        let answers = size.longestAnswer
        vocabulary = random.element([5, 100, 1000])
        let span = Int(meanStep) * random.element([0, 0, 20, 1000])
        let arrivals = (0..<size.requests).map { _ in random.integer(in: 0...span) }.sorted()
        var prompt: [TokenID] = []
        for (index, arrival) in arrivals.enumerated() {
            if index == 0 || !random.chance(30) { prompt = drawPrompt(upTo: size.longestPrompt, &random) }
            // In a large world a few long answers would hide how the many short ones are served.
            let spec = drawSpec(index, prompt, answers: answers, unlimited: size.isLarge ? 0 : 8, &random)
            let isRefused = configuration.refusal(of: spec) != nil
            let room = configuration.contextLength - prompt.count
            let answer =
                isRefused
                ? []
                : HashedModel.answer(
                    to: spec, limit: spec.maxNewTokens ?? room, stages: configuration.stages, vocabulary: vocabulary)
            requests.append(
                FaultyRequest(
                    arrival: Instant(nanoseconds: Int64(arrival)), spec: spec, answer: answer,
                    stop: random.chance(12) ? random.integer(in: 1...answers) : nil,
                    stopDelay: random.chance(50) ? 0 : Int64(random.integer(in: 0...20) * Int(meanStep))))
        }
    }

    private func drawPrompt(upTo longest: Int, _ random: inout SeededRandom) -> [TokenID] {
        let count = random.chance(5) ? random.integer(in: 0...4 * longest) : random.integer(in: 1...longest)
        return (0..<count).map { _ in TokenID(random.integer(in: 0...vocabulary - 1)) }
    }

    private func drawSpec(
        _ index: Int, _ prompt: [TokenID], answers: Int, unlimited: Int, _ random: inout SeededRandom
    ) -> RequestSpec {
        var spec = RequestSpec(id: RequestID(index), prompt: prompt, maxNewTokens: answers)
        if random.chance(40) { spec.maxNewTokens = random.integer(in: 1...answers) }
        if random.chance(unlimited) { spec.maxNewTokens = nil }
        if random.chance(3) { spec.maxNewTokens = random.element([0, -1, .min, .max, 3 * answers + 100]) }
        if random.chance(30) { spec.stopTokens = (0...random.integer(in: 0...2)).map { TokenID($0) } }
        if random.chance(30) { spec.sampling.minTokens = random.integer(in: 0...answers) }
        if random.chance(20) { spec.sampling.presencePenalty = 0.5 }
        spec.sampling.seedKey = UInt64(index)
        return spec
    }

    private mutating func drawPolicy(answers: Int, _ random: inout SeededRandom) {
        let share = Double(random.integer(in: 1...20)) / 20
        tdPipe = TDPipeOptions(
            greedy: random.chance(25) ? .fixed(share) : .predicted, stealing: random.chance(75),
            switching: random.element([.intensity, .intensity, .released, .marginal, .fixed(share)]),
            order: random.element([.auto, .arrival, .longest]))
        throttle = ThrottlePolicy(
            iterations: random.integer(in: 1...9), minimum: random.integer(in: 1...40),
            reserve: Double(random.integer(in: 0...5)) / 20, usesWaiting: random.chance(80),
            usesUtilisation: random.chance(80), balancesDecodes: random.chance(80))
        foresight = random.element([
            .exact, .exact, .wrong(percent: random.integer(in: 1...300)), .limit, .constant(1), .constant(answers),
            .constant(300), .history, .promptLength,
        ])
        predictions = requests.map { request in
            let length = max(1, request.answer.count)
            guard case .wrong(let percent) = foresight else { return length }
            return max(1, length + length * random.integer(in: -percent...percent) / 100)
        }
    }

    private mutating func drawFaults(_ random: inout SeededRandom) {
        let step = Int(meanStep)
        func times(_ most: Int) -> Int64 { Int64(step * random.integer(in: 0...most)) }
        faults = FaultRates(
            interval: Int64(step * random.integer(in: 1...30)), loss: random.element([0, 2, 10, 30, 90]),
            slowness: random.element([0, 10, 30]), cancellation: random.element([0, 3, 10]),
            delay: random.element([0, 5, 50]), repetition: random.element([0, 5, 50]),
            longestDelay: times(random.element([1, 10, 100])), longestNotice: times(random.element([0, 3, 40])),
            longestOutage: times(random.element([0, 5, 100])), microBatches: random.element([0, 30, 200]),
            draws: random.integer(in: 1...60))
    }

    /// Nanoseconds of a stage and its link for a micro-batch of few tokens, at least 1.
    private var meanStep: Int64 {
        let stage = stageNanoseconds.reduce(0, +) / Int64(stageNanoseconds.count)
        return max(1, stage + 4 * (tokenNanoseconds + rowNanoseconds) + latency)
    }
}

extension SeededRandom {
    /// True in `percent` of 100 draws.
    mutating func chance(_ percent: Int) -> Bool { integer(in: 0...99) < percent }

    /// A random element of a list, which may not be empty.
    mutating func element<T>(_ list: [T]) -> T { list[integer(in: 0...list.count - 1)] }
}
