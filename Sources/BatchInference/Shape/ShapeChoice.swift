import Platform

/// The shape of a pipeline: its stages, and the threads of each.
public struct EngineShape: Sendable, Hashable, CustomStringConvertible {
    public let stages: Int
    /// Threads of each stage.
    public let threads: Int

    public init(stages: Int, threads: Int) {
        self.stages = stages
        self.threads = threads
    }

    public var description: String {
        "\(stages) \(stages == 1 ? "stage" : "stages") of \(threads) \(threads == 1 ? "thread" : "threads")"
    }
}

/// The shape that a run chose for its pipeline, and what it chose from.
public struct ShapeChoice: Sendable, Hashable {
    /// A shape with the time that the work at hand is expected to take in it.
    public struct Candidate: Sendable, Hashable {
        public let shape: EngineShape
        /// Seconds for the sample of the requests; nil if the policy came to a standstill.
        public let seconds: Double?

        public init(_ shape: EngineShape, seconds: Double?) {
            self.shape = shape
            self.seconds = seconds
        }
    }

    /// The chosen shape.
    public let shape: EngineShape
    /// By stages, the chosen shape among them; empty if there was nothing to compare.
    public let candidates: [Candidate]
    /// Sequences of the sample for which the candidates' seconds hold.
    public let sampled: Int

    /// How much longer than the fastest a shape of fewer stages may take and still be chosen.
    private static let tie = 1.01

    /// Chooses the shape with the shortest time; of those within 1 % of it, the one with the fewest stages. If no
    /// candidate has a time, the one with the fewest stages.
    /// - Parameters:
    ///   - candidates: at least one, in any order.
    ///   - sampled: sequences for which the candidates' seconds hold.
    public init(from candidates: [Candidate], sampled: Int) {
        precondition(!candidates.isEmpty, "a choice needs at least one candidate")
        let sorted = candidates.sorted { ($0.shape.stages, $0.shape.threads) < ($1.shape.stages, $1.shape.threads) }
        let most = (sorted.compactMap(\.seconds).min() ?? 0) * Self.tie
        let chosen = sorted.first { $0.seconds.map { $0 <= most } ?? false } ?? sorted[0]
        shape = chosen.shape
        self.candidates = sorted
        self.sampled = sampled
    }

    /// A shape that was taken without a comparison.
    public init(only shape: EngineShape) {
        self.shape = shape
        candidates = []
        sampled = 0
    }

    /// One line for the user.
    package var line: String {
        guard !candidates.isEmpty else { return "stages auto: \(shape); there was nothing to compare" }
        let times = candidates.map { candidate in
            let time = candidate.seconds.map { "\(Self.rounded($0)) s" } ?? "no end"
            return "\(candidate.shape.stages)x\(candidate.shape.threads) \(time)"
        }
        return "stages auto: \(shape); predicted for \(sampled) sequences: " + times.joined(separator: ", ")
    }

    /// The choice in the figures of a run.
    package var json: JSONValue {
        func members(_ shape: EngineShape) -> [JSONMember] {
            [JSONMember("stages", .integer(shape.stages)), JSONMember("threads", .integer(shape.threads))]
        }
        let all = candidates.map { candidate in
            JSONValue.object(
                members(candidate.shape) + [JSONMember("seconds", candidate.seconds.map(JSONValue.number) ?? .null)])
        }
        return .object(
            members(shape) + [JSONMember("sampled", .integer(sampled)), JSONMember("chosen_from", .array(all))])
    }

    /// Three significant digits, or whole seconds.
    private static func rounded(_ seconds: Double) -> String {
        var unit = 1.0
        while seconds > 0, seconds * unit < 100, unit < 1e6 { unit *= 10 }
        let number = (seconds * unit).rounded() / unit
        return unit == 1 ? "\(Int(min(number, 1e15)))" : "\(number)"
    }
}
