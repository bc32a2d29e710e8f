import Scheduling

/// A model on a cluster: its stage times, its links and its KV pool.
public struct ClusterDeployment: Sendable {
    public let model: ModelShape
    public let cluster: Cluster
    public let plan: ParallelPlan
    public let layout: StageLayout
    public let settings: ModelSettings
    public let timing: RooflineTiming

    /// - Parameters:
    ///   - plan: must use every device, and keep each stage within one host; nil: a stage for each device.
    ///   - layout: nil: the output head on the last stage.
    /// - Throws: `invalid_setting` for a plan or a layout that does not fit.
    public init(
        model: ModelShape, cluster: Cluster, plan: ParallelPlan? = nil, layout: StageLayout? = nil,
        settings: ModelSettings = ModelSettings()
    ) throws(SimulationError) {
        let plan = if let plan { plan } else { try ParallelPlan(pipeline: cluster.devices) }
        guard plan.devices == cluster.devices else {
            throw SimulationError(
                .invalidSetting, "\(plan) uses \(plan.devices) devices; \(cluster.name) has \(cluster.devices)")
        }
        guard cluster.devicesPerHost % plan.tensor == 0 else {
            throw SimulationError(
                .invalidSetting,
                "\(plan) has \(plan.tensor) devices a stage, which do not divide the \(cluster.devicesPerHost) devices "
                    + "of a host in \(cluster.name)")
        }
        let layout = if let layout { layout } else { try StageLayout.headLast(model, stages: plan.pipeline) }
        guard layout.stages == plan.pipeline, layout.layers.reduce(0, +) == model.layers,
            layout.vocabulary.reduce(0, +) == model.vocabulary
        else {
            throw SimulationError(
                .invalidSetting,
                "a layout of the layers \(layout.layers) and shares \(layout.vocabulary) is not for the "
                    + "\(plan.pipeline) stages of \(plan) and the \(model.layers) layers and \(model.vocabulary) "
                    + "tokens of \(model.name)")
        }
        self.model = model
        self.cluster = cluster
        self.plan = plan
        self.layout = layout
        self.settings = settings
        timing = try RooflineTiming(
            model: model, device: cluster.device, layout: layout, tensor: plan.tensor, tensorLink: cluster.link,
            settings: settings)
    }

    /// The link between two stages: the host's link if both stages are in one host, otherwise the link between hosts.
    public func link(from stage: Int, to other: Int) -> LinkKind {
        host(of: stage) == host(of: other) ? cluster.link : cluster.hostLink ?? cluster.link
    }

    /// The links between stages, for the engine. Shared links of a host are one medium, and so is a shared link between
    /// hosts. All-reduces inside the stages do not take turns with the transfers between stages.
    public func network(dispatchSeconds: Double = 0, retireSeconds: Double = 0) -> SimulatedNetwork {
        let last = plan.pipeline - 1
        return SimulatedNetwork(
            forward: (0..<last).map { simulatedLink(from: $0, to: $0 + 1) },
            toHeads: (0..<last).map { simulatedLink(from: last, to: $0) },
            dispatchSeconds: dispatchSeconds, retireSeconds: retireSeconds)
    }

    private func simulatedLink(from stage: Int, to other: Int) -> SimulatedLink {
        let kind = link(from: stage, to: other)
        let isInside = host(of: stage) == host(of: other)
        return SimulatedLink(
            latencySeconds: kind.latencySeconds, bytesPerSecond: kind.bytesPerSecond,
            medium: kind.isShared ? (isInside ? host(of: stage) : cluster.hosts) : nil)
    }

    private func host(of stage: Int) -> Int { cluster.host(ofDevice: stage * plan.tensor) }
}
