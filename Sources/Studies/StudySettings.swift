import Scheduling
import Simulation

/// The settings of a simulation, except the policy: a model on a cluster, and the requests that come to it.
package struct StudySettings: Sendable, Hashable {
    package var model: ModelShape
    package var cluster: Cluster
    /// nil: a stage for each device.
    package var plan: ParallelPlan?
    package var formats = ModelSettings()
    /// The share of each device's memory for weights and KV cache.
    package var memoryShare = 0.9
    /// KV blocks of the pool; nil: as many as the memory holds.
    package var blocks: Int?
    /// The most prompt tokens in a micro-batch, and the token budget of hybrid batches; nil: each policy's own
    /// (`StudyPolicy.ownPrefillChunk`).
    package var prefillChunk: Int?
    /// The most sequences that hold KV blocks at a time.
    package var maxSequences = StudySettings.unlimitedSequences
    /// Requests to draw, or to take from a trace.
    package var requests = 1000
    package var seed: UInt64 = 0
    /// The arrival process. For a trace, `offline` keeps the trace's own times, and a rate stretches or squeezes them.
    package var arrivals = ArrivalProcess.offline
    package var predictor = PredictorChoice.history
    /// The order in which all policies are told the requests.
    package var order = WaitingOrder.arrival
    /// How far off the profile is that policies plan with: the standard deviation of the logarithm of its errors; 0:
    /// they know the machine's own times.
    package var profileError = 0.0
    /// Seconds that the controller takes for each micro-batch.
    package var controllerSeconds = 0.0

    /// More sequences than any pool of today holds, so that memory alone is the limit.
    package static let unlimitedSequences = 65_536
    /// Tokens of a KV block.
    package static let tokensPerBlock = 16

    package init(model: ModelShape, cluster: Cluster) {
        self.model = model
        self.cluster = cluster
    }

    /// Checks the settings that go together, as far as that is possible without a workload.
    /// - Throws: `invalid_setting` for an error or bias of a predictor that has none, or an order that there cannot be.
    package func check() throws(SimulationError) {
        _ = try predictor.model()
        try order.check(predictor, arrivals)
    }

    /// The model on the cluster: its times, its links, its memory.
    /// - Throws: `invalid_setting` for a plan that does not fit the cluster.
    package func deployment() throws(SimulationError) -> ClusterDeployment {
        try ClusterDeployment(model: model, cluster: cluster, plan: plan, settings: formats)
    }

    /// The limits of the core.
    /// - Parameter chunk: the most prompt tokens in a micro-batch.
    /// - Throws: `does_not_fit` for a model that the memory cannot hold, `invalid_setting` for a number outside its
    ///   limits.
    package func configuration(
        of deployment: ClusterDeployment, prefillChunk chunk: Int
    ) throws(SimulationError) -> EngineConfiguration {
        let fitting = try deployment.blockCount(tokensPerBlock: Self.tokensPerBlock, memoryShare: memoryShare)
        let wanted = blocks ?? fitting
        guard wanted <= fitting else {
            throw SimulationError(
                .doesNotFit, "\(wanted) KV blocks were asked for; \(cluster.name) has room for \(fitting)")
        }
        for (value, what, most) in [
            (chunk, "tokens in a prefill chunk", 1 << 20), (maxSequences, "sequences at a time", 1 << 20),
            (wanted, "KV blocks", 1 << 30),
        ] where !(1...most ~= value) {
            throw SimulationError(.invalidSetting, "\(value) \(what) were asked for; 1...\(most) are possible")
        }
        return EngineConfiguration(
            stages: deployment.plan.pipeline, tokensPerBlock: Self.tokensPerBlock, blockCount: wanted,
            contextLength: model.contextLength, prefillChunk: chunk, maxSequences: maxSequences)
    }
}
