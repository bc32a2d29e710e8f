import Scheduling
import Simulation

/// A workload on a cluster under several policies, with the same requests for each policy.
package struct Study: Sendable {
    package var settings: StudySettings
    package var workload: StudyWorkload
    /// Whether runs keep steps and spans, for timelines and idle time by cause.
    package var recordsRuns = true

    package init(settings: StudySettings, workload: StudyWorkload) {
        self.settings = settings
        self.workload = workload
    }

    /// One run of one policy.
    package struct Run: Sendable {
        package let policy: StudyPolicy
        package let settings: StudySettings
        package let deployment: ClusterDeployment
        package let configuration: EngineConfiguration
        package let outcome: SimulatedRun

        /// The number of requests that context or pool can never hold.
        package var refused: Int { outcome.requests.count { $0.refusal != nil } }
    }

    /// Runs all requests to their ends.
    /// - Throws: `does_not_fit` for a model that the memory cannot hold, and what `PipelineSimulation` throws.
    package func run(_ policy: StudyPolicy) throws(SimulationError) -> Run {
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
