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
        /// The policy with the options that it ran with.
        package let policy: StudyPolicy
        package let settings: StudySettings
        package let deployment: ClusterDeployment
        package let configuration: EngineConfiguration
        package let outcome: SimulatedRun

        /// The number of requests that context or pool can never hold.
        package var refused: Int { outcome.requests.count { $0.refusal != nil } }
    }

    /// Runs all requests to their ends. The order of the waiting requests is the same for all policies: `order=auto` of
    /// td-pipe means arrival here, and `StudySettings.order` sorts the requests for everyone.
    /// - Throws: `does_not_fit` for a model that the memory cannot hold, `invalid_setting` for settings that do not go
    ///   together, and what `PipelineSimulation` throws.
    package func run(_ policy: StudyPolicy) throws(SimulationError) -> Run {
        var policy = policy
        if policy.options.order == .auto { policy.options.order = .arrival }
        let deployment = try settings.deployment()
        let configuration = try settings.configuration(
            of: deployment, prefillChunk: policy.prefillChunk ?? settings.prefillChunk ?? policy.ownPrefillChunk)
        let workload = try workload.requests(for: settings)
        var options = SimulationOptions()
        options.clients = workload.clients
        options.controllerSeconds = settings.controllerSeconds
        options.recordsRun = recordsRuns
        options.model = settings.model.name
        let simulation = PipelineSimulation(
            configuration: configuration, timing: deployment.timing, network: deployment.network(), options: options)
        let shared = try settings.predictor.predictor(for: workload.requests)
        let forecasts = PolicySettings(
            costs: try costs(of: deployment), lengths: policy.lengths ?? shared, tdPipe: policy.options)
        let outcome = try simulation.run(workload.requests, policyNamed: policy.name, settings: forecasts)
        return Run(
            policy: policy, settings: settings, deployment: deployment, configuration: configuration,
            outcome: outcome)
    }

    /// What policies know of the machine's times.
    private func costs(of deployment: ClusterDeployment) throws(SimulationError) -> any StepCost {
        guard settings.profileError > 0 else { return KnownStepCost(deployment.timing) }
        return try DistortedStepCost(deployment.timing, error: settings.profileError, seed: settings.seed)
    }
}
