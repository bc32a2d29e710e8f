import Platform
import Scheduling

/// The figures of one run: the object that `--stats` writes and one element of the `runs` of a benchmark.
package struct RunSummary: Sendable, Hashable {
    /// How fast the machine was during the run, compared with a profile of the machine.
    package struct Profile: Sendable, Hashable {
        /// The digest of the profile.
        package var digest: String
        /// Seconds that all stages took for the run's micro-batches, over the seconds that the profile predicts: above
        /// 1 if the machine was slower than when it was profiled.
        package var ratio: Double

        package init(digest: String, ratio: Double) {
            self.digest = digest
            self.ratio = ratio
        }
    }

    package var policy: String
    package var stages: Int
    /// Threads of each stage.
    package var threads: Int
    /// Requests that ended in this run, failed ones included.
    package var requests: Int
    package var promptTokens: Int
    package var outputTokens: Int
    /// Seconds from the first request's arrival at the engine to the last request's end, without the time to load the
    /// model.
    package var wallSeconds: Double
    /// See `RunStatistics.bubbleRatio`.
    package var bubbleRatio: Double
    /// Busy seconds of each stage.
    package var stageBusySeconds: [Double]
    package var phaseSwitches: Int
    package var preemptions: Int
    /// Tokens whose keys and values were computed again after a preemption.
    package var recomputedTokens: Int
    package var kvBlocksTotal: Int
    package var kvBlocksPeak: Int
    /// Largest resident set of the process; nil if the system does not report it, and for simulated runs.
    package var peakRSSBytes: Int?

    /// The model's name. Here and in the next properties, nil is left out of the JSON object and of the table.
    package var model: String?
    package var failedRequests: Int?
    package var weightsBytes: Int?
    package var kvPoolBytes: Int?
    /// How the KV cache stores keys and values; nil for half precision.
    package var kvType: String?
    package var profile: Profile?
    /// The trials of a policy that chooses among others; empty for any other, and left out of the JSON object then.
    package var trials: [RecordedTrial] = []
    /// Members that follow all others in the JSON object, for figures that only some commands have. They must not
    /// repeat keys of the struct itself.
    package var extras: [JSONMember] = []

    package init(
        policy: String, stages: Int, threads: Int, requests: Int, promptTokens: Int, outputTokens: Int,
        wallSeconds: Double, bubbleRatio: Double, stageBusySeconds: [Double], phaseSwitches: Int, preemptions: Int,
        recomputedTokens: Int, kvBlocksTotal: Int, kvBlocksPeak: Int, peakRSSBytes: Int? = nil, model: String? = nil,
        failedRequests: Int? = nil, weightsBytes: Int? = nil, kvPoolBytes: Int? = nil,
        extras: [JSONMember] = []
    ) {
        self.policy = policy
        self.stages = stages
        self.threads = threads
        self.requests = requests
        self.promptTokens = promptTokens
        self.outputTokens = outputTokens
        self.wallSeconds = wallSeconds
        self.bubbleRatio = bubbleRatio
        self.stageBusySeconds = stageBusySeconds
        self.phaseSwitches = phaseSwitches
        self.preemptions = preemptions
        self.recomputedTokens = recomputedTokens
        self.kvBlocksTotal = kvBlocksTotal
        self.kvBlocksPeak = kvBlocksPeak
        self.peakRSSBytes = peakRSSBytes
        self.model = model
        self.failedRequests = failedRequests
        self.weightsBytes = weightsBytes
        self.kvPoolBytes = kvPoolBytes
        self.extras = extras
    }

    /// Prompt and output tokens per second of wall time; 0 for a run that took no time.
    package var totalTokensPerSecond: Double { perSecond(Double(promptTokens) + Double(outputTokens)) }
    /// Output tokens a second of wall time; 0 for a run that took no time.
    package var outputTokensPerSecond: Double { perSecond(Double(outputTokens)) }

    private func perSecond(_ count: Double) -> Double { wallSeconds > 0 ? count / wallSeconds : 0 }

    /// One object with snake_case keys, always in the same order. `peak_rss_bytes` is null where it is not known.
    package var json: JSONValue {
        var members: [JSONMember] = [
            .init("policy", .string(policy)),
            .init("stages", .integer(stages)),
            .init("threads", .integer(threads)),
            .init("requests", .integer(requests)),
            .init("prompt_tokens", .integer(promptTokens)),
            .init("output_tokens", .integer(outputTokens)),
            .init("wall_seconds", .number(wallSeconds)),
            .init("total_tokens_per_second", .number(totalTokensPerSecond)),
            .init("output_tokens_per_second", .number(outputTokensPerSecond)),
            .init("bubble_ratio", .number(bubbleRatio)),
            .init("stage_busy_seconds", .array(stageBusySeconds.map(JSONValue.number))),
            .init("phase_switches", .integer(phaseSwitches)),
            .init("preemptions", .integer(preemptions)),
            .init("recomputed_tokens", .integer(recomputedTokens)),
            .init("kv_blocks_total", .integer(kvBlocksTotal)),
            .init("kv_blocks_peak", .integer(kvBlocksPeak)),
            .init("peak_rss_bytes", peakRSSBytes.map(JSONValue.integer) ?? .null),
        ]
        if let model { members.append(.init("model", .string(model))) }
        if let failedRequests { members.append(.init("failed_requests", .integer(failedRequests))) }
        if let weightsBytes { members.append(.init("weights_bytes", .integer(weightsBytes))) }
        if let kvPoolBytes { members.append(.init("kv_pool_bytes", .integer(kvPoolBytes))) }
        if let kvType { members.append(.init("kv_type", .string(kvType))) }
        if let profile {
            members.append(.init("profile_digest", .string(profile.digest)))
            members.append(.init("profile_ratio", .number(profile.ratio)))
        }
        if !trials.isEmpty { members.append(.init("policy_trials", PolicyTrials(trials).json)) }
        return .object(members + extras)
    }
}
