import Scheduling
import Simulation

/// Every way to spread a model over all devices of a cluster, each with several policies, on the same requests.
package struct PlanStudy: Sendable {
    /// The plan of the settings is not looked at.
    package let settings: StudySettings
    package let workload: StudyWorkload
    package let policies: [StudyPolicy]
    /// The plans that fit, from the pure pipeline to pure tensor parallelism.
    package let plans: [ParallelPlan]
    /// The other plans, in the same order.
    package let excluded: [Exclusion]

    /// A plan that cannot run, or a policy that cannot run on a plan.
    package struct Exclusion: Sendable, Hashable {
        package let plan: ParallelPlan
        /// nil: no policy runs on the plan.
        package let policy: String?
        package let reason: String
    }

    /// A policy on a plan.
    package struct Candidate: Sendable, Hashable {
        /// The policy's label.
        package let policy: String
        package let figures: RunFigures
        package var plan: ParallelPlan { figures.plan }
        package let budget: TimeBudget
        /// Bytes of the KV pool on all devices together, with the copies that devices hold.
        package let poolBytes: Double
        /// Tokens that the KV pool holds.
        package let poolTokens: Int
        /// The mean seconds from a request's arrival to its last token.
        package let meanSecondsOfRequest: Double

        package init(
            policy: String, figures: RunFigures, budget: TimeBudget, poolBytes: Double, poolTokens: Int,
            meanSecondsOfRequest: Double
        ) {
            self.policy = policy
            self.figures = figures
            self.budget = budget
            self.poolBytes = poolBytes
            self.poolTokens = poolTokens
            self.meanSecondsOfRequest = meanSecondsOfRequest
        }
    }

    /// Finds the plans that fit.
    /// - Throws: `does_not_fit` with the reason of each plan if none fits.
    package init(
        settings: StudySettings, workload: StudyWorkload, policies: [StudyPolicy]
    ) throws(SimulationError) {
        self.settings = settings
        self.workload = workload
        self.policies = policies
        var (plans, excluded): ([ParallelPlan], [Exclusion]) = ([], [])
        let devices = settings.cluster.devices
        for tensor in 1...devices where devices % tensor == 0 {
            let plan = try ParallelPlan(pipeline: devices / tensor, tensor: tensor)
            if let reason = Self.obstacle(to: plan, settings) {
                excluded.append(Exclusion(plan: plan, policy: nil, reason: reason))
            } else {
                plans.append(plan)
            }
        }
        guard !plans.isEmpty else {
            let reasons = excluded.map { "\($0.plan): \($0.reason)" }.joined(separator: "\n")
            throw SimulationError(
                .doesNotFit, "no plan for \(settings.model.name) on \(settings.cluster.name) fits:\n\(reasons)")
        }
        self.plans = plans
        self.excluded = excluded
    }

    /// Why a plan cannot run; nil if it can.
    private static func obstacle(to plan: ParallelPlan, _ settings: StudySettings) -> String? {
        guard settings.model.heads % plan.tensor == 0 else {
            return "the \(settings.model.heads) heads of \(settings.model.name) cannot be shared out evenly among "
                + "\(plan.tensor) devices"
        }
        var settings = settings
        settings.plan = plan
        do throws(SimulationError) {
            _ = try settings.deployment().blockCount(
                tokensPerBlock: StudySettings.tokensPerBlock, memoryShare: settings.memoryShare)
            return nil
        } catch {
            return error.message
        }
    }

    /// The number of runs: each plan that fits with each policy.
    package var runs: Int { plans.count * policies.count }

    /// One of the runs: the policies of the first plan, then those of the next.
    package func run(_ number: Int) -> Result<Candidate, SimulationError> {
        let policy = policies[number % policies.count]
        do throws(SimulationError) {
            let study = Study(settings: settings, workload: workload)
            let run = try study.run(StudyMethod(policy, plan: .fixed(plans[number / policies.count])))
            return .success(Candidate(run))
        } catch {
            return .failure(error)
        }
    }

    /// Ranks the candidates.
    /// - Parameter outcomes: those of all runs, in order.
    /// - Throws: the first failure that is no matter of plan and policy; `does_not_fit` if nothing could be run.
    package func ranking(of outcomes: [Result<Candidate, SimulationError>]) throws(SimulationError) -> PlanRanking {
        precondition(outcomes.count == runs)
        var (candidates, failed): ([Candidate], [Exclusion]) = ([], [])
        for (number, outcome) in outcomes.enumerated() {
            switch outcome {
            case .success(let candidate): candidates.append(candidate)
            case .failure(let error):
                guard [.doesNotFit, .invalidSetting].contains(error.code) else { throw error }
                failed.append(
                    Exclusion(
                        plan: plans[number / policies.count], policy: policies[number % policies.count].label,
                        reason: error.message))
            }
        }
        guard !candidates.isEmpty else {
            throw SimulationError(
                .doesNotFit, "nothing could be run: \(failed.first?.reason ?? "no policy was named")")
        }
        return PlanRanking(
            candidates: candidates, excluded: excluded + failed,
            isPaced: settings.arrivals.rate != nil || workload.hasTimes)
    }
}

extension PlanStudy.Candidate {
    init(_ run: Study.Run) {
        let deployment = run.deployment
        let times = run.outcome.requests.compactMap { request in request.end?.seconds(since: request.arrival) }
        let tokens = run.configuration.blockCount * run.configuration.tokensPerBlock
        let bytes = (0..<deployment.layout.stages).reduce(0) { $0 + deployment.cacheBytesPerToken(ofStage: $1) }
        self.init(
            policy: run.policy.label, figures: RunFigures(run), budget: TimeBudget(run),
            poolBytes: bytes * Double(deployment.plan.tensor) * Double(tokens), poolTokens: tokens,
            meanSecondsOfRequest: times.isEmpty ? 0 : times.reduce(0, +) / Double(times.count))
    }
}

extension StudyWorkload {
    /// The number of requests that the source has; nil for a shape, from which any number can be drawn.
    package var count: Int? {
        switch source {
        case .lengths(.shape): nil
        case .lengths(.list(let list)): list.count
        case .trace(let trace): trace.requests.count
        }
    }

    /// Whether the requests come at times of their own, not all at once.
    var hasTimes: Bool {
        if case .trace(let trace) = source { trace.requests.contains { $0.arrival > .zero } } else { false }
    }
}
