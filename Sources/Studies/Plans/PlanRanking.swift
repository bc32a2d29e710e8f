import Simulation

/// The candidates of a study of plans, the best first, and what makes the best one better than the next kind of plan.
package struct PlanRanking: Sendable {
    /// At least one.
    package let candidates: [PlanStudy.Candidate]
    /// What could not run.
    package let excluded: [PlanStudy.Exclusion]
    /// Whether the requests came at a pace of their own, so that all plans that keep up make as many tokens.
    package let isPaced: Bool

    /// Candidates whose tokens a second are nearer to the most than this share keep up with the requests.
    package static let keepingUp = 0.98

    /// - Parameters:
    ///   - candidates: at least one, in any order; of equal ones, the first stays first.
    ///   - isPaced: whether to rank candidates that keep up with the requests by the time that a request takes. Otherwise
    ///     tokens a second alone count.
    package init(candidates: [PlanStudy.Candidate], excluded: [PlanStudy.Exclusion], isPaced: Bool) {
        precondition(!candidates.isEmpty)
        let most = candidates.map(\.figures.totalTokensPerSecond).max() ?? 0
        func keepsUp(_ candidate: PlanStudy.Candidate) -> Bool {
            isPaced && candidate.figures.totalTokensPerSecond >= most * Self.keepingUp
        }
        self.candidates = candidates.enumerated().sorted { one, other in
            let (a, b) = (one.element, other.element)
            let (first, second) = (keepsUp(a), keepsUp(b))
            if first != second { return first }
            if first, a.meanSecondsOfRequest != b.meanSecondsOfRequest {
                return a.meanSecondsOfRequest < b.meanSecondsOfRequest
            }
            if !first, a.figures.totalTokensPerSecond != b.figures.totalTokensPerSecond {
                return a.figures.totalTokensPerSecond > b.figures.totalTokensPerSecond
            }
            return one.offset < other.offset
        }.map(\.element)
        self.excluded = excluded
        self.isPaced = isPaced
    }

    package var best: PlanStudy.Candidate { candidates[0] }

    /// The best candidates of the opposite kinds of plan, the better first: tensor parallelism for a pipeline, a pipeline
    /// for tensor parallelism, both for a mixed plan. If there is none, the best candidate with any other plan; empty if
    /// there is none either.
    package var rivals: [PlanStudy.Candidate] {
        let opposite: [Parallelism] =
            switch best.plan.parallelism {
            case .pipeline: [.tensor]
            case .tensor: [.pipeline]
            case .mixed: [.pipeline, .tensor]
            }
        let places = opposite.compactMap { kind in candidates.firstIndex { $0.plan.parallelism == kind } }.sorted()
        if !places.isEmpty { return places.map { candidates[$0] } }
        return Array(candidates.filter { $0.plan != best.plan }.prefix(1))
    }

    /// What makes the difference between the best candidate and each of its rivals.
    package var differences: [PlanDifference] { rivals.map { PlanDifference(best: best, rival: $0) } }
}

/// What makes one candidate faster than another: seconds of a device, by what they are spent on.
package struct PlanDifference: Sendable, Hashable {
    package let best: PlanStudy.Candidate
    package let rival: PlanStudy.Candidate
    /// The use for which the rival needs the most seconds more than the best candidate, and the second one if it is worth
    /// at least half as many.
    package let causes: [TimeBudget.Use]
    /// The use for which the best candidate needs the most seconds more than the rival, if these are more than a quarter
    /// of what the first cause is worth.
    package let against: TimeBudget.Use?

    package init(best: PlanStudy.Candidate, rival: PlanStudy.Candidate) {
        self.best = best
        self.rival = rival
        func gain(_ use: TimeBudget.Use) -> Double { rival.budget[use] - best.budget[use] }
        let sorted = TimeBudget.Use.allCases.sorted { gain($0) > gain($1) }
        let most = max(gain(sorted[0]), 0)
        causes = [sorted[0]] + (gain(sorted[1]) > 0 && gain(sorted[1]) >= most / 2 ? [sorted[1]] : [])
        let last = sorted[sorted.count - 1]
        against = gain(last) < -most / 4 ? last : nil
    }
}
