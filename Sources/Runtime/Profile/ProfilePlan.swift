import Scheduling

/// A kind of micro-batch to be timed.
package enum ProfilePoint: Sendable, Hashable {
    /// One prompt of this many tokens, from its beginning, whose next token is drawn.
    case prefill(tokens: Int)
    /// One decode step of so many sequences, each of which attends to `context` tokens, its own one among them.
    case decode(sequences: Int, context: Int)

    /// What it asks of a stage.
    package var load: StepLoad {
        switch self {
        case .prefill(let tokens): .prefill(tokens: tokens)
        case .decode(let sequences, let context): .decode(sequences: sequences, context: sequences * context)
        }
    }

    /// KV blocks that its sequences hold.
    func blocks(_ configuration: EngineConfiguration) -> Int {
        switch self {
        case .prefill(let tokens): configuration.blocks(forTokens: tokens)
        case .decode(let sequences, let context): sequences * configuration.blocks(forTokens: context)
        }
    }
}

/// What a profile measures, and how long it may take.
package struct ProfilePlan: Sendable, Hashable {
    /// The cheapest first: the later ones are left out where time runs short.
    package let points: [ProfilePoint]
    /// Seconds after which no point is begun but those that are needed.
    package let secondsLimit: Double
    /// Seconds that one point is given; where its micro-batches take longer, the fewest that tell are timed.
    package let secondsPerPoint: Double
    /// The most KV blocks of a point: more would only cost memory, and time to fill it.
    private static let mostBlocks = 1024
    /// The first points, measured whatever they take: less would not tell a fixed cost from one by the token.
    let needed: Int
    /// KV blocks that the micro-batches take turns on; as many as the largest point needs, or more.
    let blocks: Int

    /// The points that fit the pool and the model's context, in the order of their tokens.
    init(
        _ points: [ProfilePoint], secondsLimit: Double, secondsPerPoint: Double, configuration: EngineConfiguration,
        takesTurns: Bool
    ) {
        let blocks = min(configuration.blockCount, Self.mostBlocks)
        func fits(_ point: ProfilePoint) -> Bool {
            let longest =
                switch point {
                case .prefill(let tokens): tokens
                case .decode(_, let context): context
                }
            return longest <= configuration.contextLength && point.blocks(configuration) <= blocks
        }
        let fitting = points.filter(fits)
        // Prompts stand before decode steps of as many tokens: their blocks are warm by then.
        self.points = fitting.enumerated().sorted {
            ($0.element.load.tokens, $0.element.load.context, $0.offset)
                < ($1.element.load.tokens, $1.element.load.context, $1.offset)
        }.map(\.element)
        self.secondsLimit = secondsLimit
        self.secondsPerPoint = secondsPerPoint
        needed = min(4, self.points.count)
        self.blocks = takesTurns ? blocks : fitting.map { $0.blocks(configuration) }.max() ?? 0
    }

    /// Powers of two of prompt tokens up to the prefill chunk, and of sequences up to 256 at three contexts, as far as
    /// the pool allows: for a profile that is stored.
    package static func full(_ configuration: EngineConfiguration) -> ProfilePlan {
        var points = powers(upTo: configuration.prefillChunk).map { ProfilePoint.prefill(tokens: $0) }
        for context in contexts([64, 256, 1024], configuration) {
            points += powers(upTo: 256).map { .decode(sequences: $0, context: context) }
        }
        return ProfilePlan(
            points, secondsLimit: 40, secondsPerPoint: 0.7, configuration: configuration, takesTurns: true)
    }

    /// Few points, for a run that finds no stored profile.
    package static func short(_ configuration: EngineConfiguration) -> ProfilePlan {
        var points = [1, 8, 32, 128].filter { $0 <= configuration.prefillChunk }.map {
            ProfilePoint.prefill(tokens: $0)
        }
        for context in contexts([16, 256], configuration) {
            points += [1, 8, 32].map { .decode(sequences: $0, context: context) }
        }
        return ProfilePlan(
            points, secondsLimit: 1, secondsPerPoint: 0.05, configuration: configuration, takesTurns: false)
    }

    /// 1, 2, 4, ... and `limit` itself.
    private static func powers(upTo limit: Int) -> [Int] {
        var counts: [Int] = []
        var next = 1
        while next < limit {
            counts.append(next)
            next *= 2
        }
        return counts + [limit]
    }

    /// Those of the wished contexts that the model has; with fewer than two, a small one and its whole context.
    private static func contexts(_ wished: [Int], _ configuration: EngineConfiguration) -> [Int] {
        let possible = wished.filter { $0 <= configuration.contextLength }
        if possible.count >= 2 { return possible }
        let least = max(1, configuration.contextLength / 4)
        return least < configuration.contextLength ? [least, configuration.contextLength] : [least]
    }
}
