import Scheduling
import Simulation

/// The figures by which runs of different methods are compared.
package struct RunFigures: Sendable, Hashable {
    package let plan: ParallelPlan
    /// Tokens of prompts and answers, over the seconds of the run.
    package let totalTokensPerSecond: Double
    /// Until the last request ended.
    package let seconds: Double
    package let bubbleRatio: Double
    package let preemptions: Int
    package let recomputedTokens: Int
    /// KV blocks of the pool.
    package let blocks: Int
    /// Requests that context or pool can never hold; the other figures leave them out.
    package let refused: Int

    package init(
        plan: ParallelPlan, totalTokensPerSecond: Double, seconds: Double, bubbleRatio: Double, preemptions: Int,
        recomputedTokens: Int, blocks: Int, refused: Int
    ) {
        self.plan = plan
        self.totalTokensPerSecond = totalTokensPerSecond
        self.seconds = seconds
        self.bubbleRatio = bubbleRatio
        self.preemptions = preemptions
        self.recomputedTokens = recomputedTokens
        self.blocks = blocks
        self.refused = refused
    }

    init(_ run: Study.Run) {
        let outcome = run.outcome
        self.init(
            plan: run.deployment.plan, totalTokensPerSecond: outcome.totalTokensPerSecond,
            seconds: outcome.end.seconds, bubbleRatio: outcome.bubbleRatio, preemptions: outcome.counters.preemptions,
            recomputedTokens: outcome.counters.recomputedTokens, blocks: run.configuration.blockCount,
            refused: run.refused)
    }
}

extension Study {
    /// Runs a method; a run that refuses all requests is a failure.
    /// - Throws: what `run` throws, and `does_not_fit` if all requests were refused.
    package func run(_ method: StudyMethod) throws(SimulationError) -> Run {
        var study = self
        if let plan = method.plan { study.settings.plan = try plan.plan(for: settings.cluster) }
        let run = try study.run(method.policy)
        let refusals = run.outcome.requests.compactMap(\.refusal)
        if let reason = refusals.first, refusals.count == run.outcome.requests.count {
            throw SimulationError(
                .doesNotFit, "all \(refusals.count) requests were refused; the first: \(reason)")
        }
        return run
    }
}
