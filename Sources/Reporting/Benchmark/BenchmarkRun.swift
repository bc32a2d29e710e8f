import Platform

/// One run of one policy in one repeat of a benchmark: an element of `runs` in the JSON.
package struct BenchmarkRun: Sendable, Hashable {
    /// The policy with its options, as the user wrote it. Runs of the same label are repeats.
    package var label: String
    /// The repeat that the run belongs to, counted from 1.
    package var repetition: Int
    /// The figures that every run has, with the keys of `--stats`.
    package var figures: RunSummary
    /// Name of the length predictor; nil if there was none.
    package var lengths: String?
    /// The options of the policy, as text; empty for the policy without options.
    package var options: String
    /// Idle shares of the stages' time, number of stages x makespan. They sum to the bubble ratio.
    package var idleShares: IdleByCause
    /// How much the micro-batches with decode steps differed.
    package var imbalance: DecodeImbalance
    /// Seconds from the start of the run to a request's first token; nil without requests.
    package var timeToFirstToken: LatencyPercentiles?
    /// Seconds from a request's first token to its last, over the tokens after the first; nil if no request drew two.
    package var timePerOutputToken: LatencyPercentiles?
    /// Seconds from a token of a request to its next one; nil if no request drew two.
    package var tokenGaps: TokenGaps?

    package init(
        label: String, repetition: Int, figures: RunSummary, lengths: String? = nil, options: String = "",
        idleShares: IdleByCause, imbalance: DecodeImbalance, timeToFirstToken: LatencyPercentiles? = nil,
        timePerOutputToken: LatencyPercentiles? = nil, tokenGaps: TokenGaps? = nil
    ) {
        self.label = label
        self.repetition = repetition
        self.figures = figures
        self.lengths = lengths
        self.options = options
        self.idleShares = idleShares
        self.imbalance = imbalance
        self.timeToFirstToken = timeToFirstToken
        self.timePerOutputToken = timePerOutputToken
        self.tokenGaps = tokenGaps
    }

    /// Makes a run with the idle shares and the imbalance of its recording's statistics.
    package init(
        label: String, repetition: Int, figures: RunSummary, lengths: String? = nil, options: String = "",
        statistics: RunStatistics, timeToFirstToken: LatencyPercentiles? = nil,
        timePerOutputToken: LatencyPercentiles? = nil, tokenGaps: TokenGaps? = nil
    ) {
        self.init(
            label: label, repetition: repetition, figures: figures, lengths: lengths, options: options,
            idleShares: statistics.idleShares, imbalance: statistics.imbalance, timeToFirstToken: timeToFirstToken,
            timePerOutputToken: timePerOutputToken, tokenGaps: tokenGaps)
    }

    /// The least wall time with the same work shared out evenly: the busy seconds of all stages over their number.
    /// 0 without stages.
    package var boundSeconds: Double {
        let busy = figures.stageBusySeconds
        return busy.isEmpty ? 0 : busy.reduce(0, +) / Double(busy.count)
    }

    /// Wall time over `boundSeconds`; nil if no stage was busy.
    package var wallOverBound: Double? { boundSeconds > 0 ? figures.wallSeconds / boundSeconds : nil }

    /// One object: the keys of `figures` (with its extras last), then those of the benchmark, always in the same order.
    /// Unknown figures are null.
    package var json: JSONValue {
        func latency(_ name: String, _ value: LatencyPercentiles?) -> [JSONMember] {
            [
                .init("\(name)_p50_seconds", value.map { .number($0.p50) } ?? .null),
                .init("\(name)_p99_seconds", value.map { .number($0.p99) } ?? .null),
            ]
        }
        let gaps = [("p50", tokenGaps?.p50), ("p99", tokenGaps?.p99), ("max", tokenGaps?.longest)].map {
            name, seconds in
            JSONMember("token_gap_\(name)_seconds", seconds.map(JSONValue.number) ?? .null)
        }
        var figures = figures
        figures.extras = []
        guard case .object(let common) = figures.json else { return .null }
        let causes = IdleCause.allCases.map { JSONMember($0.key, .number(idleShares[$0])) }
        return .object(
            common + [
                .init("label", .string(label)),
                .init("repeat", .integer(repetition)),
                .init("options", .string(options)),
                .init("lengths", lengths.map(JSONValue.string) ?? .null),
                .init("bound_seconds", .number(boundSeconds)),
                .init("wall_over_bound", wallOverBound.map(JSONValue.number) ?? .null),
                .init("bubble_by_cause", .object(causes)),
                .init("imbalance", imbalance.json),
            ] + latency("ttft", timeToFirstToken) + latency("tpot", timePerOutputToken) + gaps + self.figures.extras)
    }
}
