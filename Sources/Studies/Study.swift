import Scheduling
import Simulation

/// A workload under policies on a cluster: the same requests for each.
public struct Study: Sendable {
    public var settings: StudySettings
    public var workload: StudyWorkload
    /// Whether runs keep steps and spans, for timelines and idle time by cause.
    public var recordsRuns = true

    public init(settings: StudySettings, workload: StudyWorkload) {
        self.settings = settings
        self.workload = workload
    }

    /// One run of one policy.
    public struct Run: Sendable {
        public let policy: StudyPolicy
        public let settings: StudySettings
        public let deployment: ClusterDeployment
        public let configuration: EngineConfiguration
        public let outcome: SimulatedRun

        /// Requests that context or pool can never hold.
        public var refused: Int { outcome.requests.count { $0.refusal != nil } }
    }

    /// Runs all requests to their ends.
    /// - Throws: `does_not_fit` for a model that the memory cannot hold, and what `PipelineSimulation` throws.
    public func run(_ policy: StudyPolicy) throws(SimulationError) -> Run {
        let deployment = try settings.deployment()
        let configuration = try settings.configuration(of: deployment)
        let workload = try workload.requests(for: settings)
        var options = SimulationOptions()
        options.clients = workload.clients
        options.controllerSeconds = settings.controllerSeconds
        options.recordsRun = recordsRuns
        options.model = settings.model.name
        let simulation = PipelineSimulation(
            configuration: configuration, timing: deployment.timing, network: deployment.network(), options: options)
        let forecasts = PolicySettings(
            costs: KnownStepCost(deployment.timing), lengths: policy.lengths ?? PredictedLengths(workload.requests),
            tdPipe: policy.options)
        let outcome = try simulation.run(workload.requests, policyNamed: policy.name, settings: forecasts)
        return Run(
            policy: policy, settings: settings, deployment: deployment, configuration: configuration,
            outcome: outcome)
    }
}
