/// Parallel plans and policies for a model on a cluster, ranked, to be written as a table and as JSON.
package struct PlanReport: Sendable {
    /// What can take the time of a device.
    package enum Use: String, Sendable, Hashable, CaseIterable {
        case idle, links, weights, rest
    }

    /// A policy on a plan.
    package struct Candidate: Sendable, Hashable {
        package var plan: String
        package var kind: PlanKind
        /// The policy with its options, as the user wrote it.
        package var policy: String
        package var totalTokensPerSecond: Double
        package var seconds: Double
        package var bubbleRatio: Double
        package var preemptions: Int
        package var recomputedTokens: Int
        /// Requests that context or pool can never hold.
        package var refused: Int
        /// Bytes of the KV pool on all devices together.
        package var poolBytes: Double
        package var poolTokens: Int
        package var meanSecondsOfRequest: Double
        package var microBatches: Int
        /// Seconds of a device, as a mean over all devices; they add up to those of the run.
        package var uses: [Use: Double]

        package init(
            plan: String, kind: PlanKind, policy: String, totalTokensPerSecond: Double, seconds: Double,
            bubbleRatio: Double, preemptions: Int, recomputedTokens: Int, refused: Int, poolBytes: Double,
            poolTokens: Int, meanSecondsOfRequest: Double, microBatches: Int, uses: [Use: Double]
        ) {
            self.plan = plan
            self.kind = kind
            self.policy = policy
            self.totalTokensPerSecond = totalTokensPerSecond
            self.seconds = seconds
            self.bubbleRatio = bubbleRatio
            self.preemptions = preemptions
            self.recomputedTokens = recomputedTokens
            self.refused = refused
            self.poolBytes = poolBytes
            self.poolTokens = poolTokens
            self.meanSecondsOfRequest = meanSecondsOfRequest
            self.microBatches = microBatches
            self.uses = uses
        }

        var name: String { "\(policy) on \(plan)" }

        /// A use's share of the run; 0 if nothing ran.
        func share(_ use: Use) -> Double { seconds > 0 ? (uses[use] ?? 0) / seconds : 0 }
    }

    /// The best candidate beside the best of an opposite kind of plan.
    package struct Comparison: Sendable, Hashable {
        /// The place of the other candidate.
        package var rival: Int
        /// The uses that make most of the difference, the larger first; at least one.
        package var causes: [Use]
        /// The use that speaks for the rival; nil if none does.
        package var against: Use?

        package init(rival: Int, causes: [Use], against: Use?) {
            self.rival = rival
            self.causes = causes
            self.against = against
        }
    }

    /// A plan that cannot run, or a policy that cannot run on a plan.
    package struct Exclusion: Sendable, Hashable {
        package var plan: String
        /// nil: no policy runs on the plan.
        package var policy: String?
        package var reason: String

        package init(plan: String, policy: String?, reason: String) {
            self.plan = plan
            self.policy = policy
            self.reason = reason
        }
    }

    /// The requests that were simulated.
    package struct Requests: Sendable, Hashable {
        package var workload: String
        package var simulated: Int
        /// Requests of the workload's file; nil for lengths that are drawn from a shape.
        package var available: Int?

        package init(workload: String, simulated: Int, available: Int?) {
            self.workload = workload
            self.simulated = simulated
            self.available = available
        }

        var isSample: Bool { available.map { simulated < $0 } ?? true }
    }

    /// The command line as it was typed.
    package var commandLine: String
    package var model: String
    package var cluster: String
    package var devices: Int
    /// The name of the link between the devices of a host.
    package var link: String
    package var requests: Requests
    /// What else was simulated, for people.
    package var setting: [RunSummary.Line]
    /// The best first; at least one.
    package var candidates: [Candidate]
    /// The rivals of the best candidate, the better first; empty if there is no other plan.
    package var comparisons: [Comparison]
    package var excluded: [Exclusion]
    /// Whether the requests came at a pace of their own, so that candidates that keep up are ranked by the time that a
    /// request takes.
    package var isPaced: Bool

    package init(
        commandLine: String, model: String, cluster: String, devices: Int, link: String, requests: Requests,
        setting: [RunSummary.Line], candidates: [Candidate], comparisons: [Comparison], excluded: [Exclusion],
        isPaced: Bool
    ) {
        self.commandLine = commandLine
        self.model = model
        self.cluster = cluster
        self.devices = devices
        self.link = link
        self.requests = requests
        self.setting = setting
        self.candidates = candidates
        self.comparisons = comparisons
        self.excluded = excluded
        self.isPaced = isPaced
    }
}
