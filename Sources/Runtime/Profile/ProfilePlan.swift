import Scheduling

/// A kind of micro-batch to be timed.
package enum ProfilePoint: Sendable, Hashable {
    /// One prompt of this many tokens, from its beginning, whose next token is drawn.
    case prefill(tokens: Int)
    /// One decode step of `sequences` sequences, each of which attends to `context` tokens, including its own.
    case decode(sequences: Int, context: Int)

    /// The load on a stage.
    package var load: StepLoad {
        switch self {
        case .prefill(let tokens): .prefill(tokens: tokens)
        case .decode(let sequences, let context): .decode(sequences: sequences, context: sequences * context)
        }
    }

    /// KV blocks that the sequences of the micro-batch hold.
    func blocks(_ configuration: EngineConfiguration) -> Int {
        switch self {
        case .prefill(let tokens): configuration.blocks(forTokens: tokens)
        case .decode(let sequences, let context): sequences * configuration.blocks(forTokens: context)
        }
    }
}

/// The points that a profile measures, and the time that it may take.
package struct ProfilePlan: Sendable, Hashable {
    /// The cheapest points first: later points are left out if time runs short.
    package let points: [ProfilePoint]
    /// Seconds after which only the needed points are begun.
    package let secondsLimit: Double
    /// Seconds for one point. If its micro-batches take longer, only the least number of them is timed.
    package let secondsPerPoint: Double
    /// The most KV blocks of a point: more blocks would only cost memory, and the time to fill it.
    private static let mostBlocks = 1024
    /// The number of first points that are measured however long they take: with fewer points, a fixed cost and a cost
    /// per token could not be told apart.
    let needed: Int
    /// The number of KV blocks on which the micro-batches take turns: at least as many as the largest point needs.
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
        // Prompts come before decode steps of as many tokens, whose blocks are then warm.
        self.points = fitting.enumerated().sorted {
            ($0.element.load.tokens, $0.element.load.context, $0.offset)
                < ($1.element.load.tokens, $1.element.load.context, $1.offset)
        }.map(\.element)
        self.secondsLimit = secondsLimit
        self.secondsPerPoint = secondsPerPoint
        needed = min(4, self.points.count)
        self.blocks = takesTurns ? blocks : fitting.map { $0.blocks(configuration) }.max() ?? 0
    }

    /// The plan of a stored profile: powers of two of prompt tokens up to the prefill chunk, and of sequences up to 256
    /// at three contexts, as far as the pool allows.
    package static func full(_ configuration: EngineConfiguration) -> ProfilePlan {
        var points = powers(upTo: configuration.prefillChunk).map { ProfilePoint.prefill(tokens: $0) }
        for context in contexts([64, 256, 1024], configuration) {
            points += powers(upTo: 256).map { .decode(sequences: $0, context: context) }
        }
        return ProfilePlan(
            points, secondsLimit: 40, secondsPerPoint: 0.7, configuration: configuration, takesTurns: true)
    }

    /// A plan of few points, for a run that finds no stored profile.
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

    /// The wished contexts that the model has; if fewer than two, a small context and the model's whole context.
    private static func contexts(_ wished: [Int], _ configuration: EngineConfiguration) -> [Int] {
        let possible = wished.filter { $0 <= configuration.contextLength }
        if possible.count >= 2 { return possible }
        let least = max(1, configuration.contextLength / 4)
        return least < configuration.contextLength ? [least, configuration.contextLength] : [least]
    }
}
