import Scheduling

/// A simulated machine under the scheduling core that runs real machines: `EngineCore` and its policies, driven on a
/// virtual clock in the same way as by the runtime's driver.
public struct PipelineSimulation: Sendable {
    public var configuration: EngineConfiguration
    public var timing: any StageTiming
    public var network: SimulatedNetwork
    public var options: SimulationOptions

    /// - Parameters:
    ///   - configuration: the core's limits, with as many stages as the timing has.
    ///   - network: nil for a network that takes no time.
    public init(
        configuration: EngineConfiguration, timing: any StageTiming, network: SimulatedNetwork? = nil,
        options: SimulationOptions = SimulationOptions()
    ) {
        self.configuration = configuration
        self.timing = timing
        self.network = network ?? .ideal(stages: timing.stages)
        self.options = options
    }

    /// Runs until every request has ended at exactly its `outputTokens`, or was refused because context or pool can
    /// never hold it. Requests are numbered from 0 in the given order; requests that arrive at the same time are told
    /// to the core in this order.
    ///
    /// - Throws: `invalid_setting`, `invalid_request`, `stalled` if the policy has nothing to do for requests that are
    ///   left, `clock_exceeded`, `integrity` for a bug in the core.
    public func run(
        _ requests: [SimulatedRequest], policy: any SchedulingPolicy
    ) throws(SimulationError) -> SimulatedRun {
        try options.validate()
        guard configuration.stages == timing.stages else {
            throw SimulationError(
                .invalidSetting,
                "the core is set up for \(configuration.stages) stages, the timing has \(timing.stages)")
        }
        let pipeline = try SimulatedPipeline(
            timing: timing, network: network, recordsSpans: options.recordsRun, log: options.log)
        let core = EngineCore(configuration: configuration, policy: policy)
        var controller = try SimulatedController(
            core: core, pipeline: pipeline, arrivals: try ArrivalLine(requests), options: options)
        try controller.run()
        return controller.result
    }

    /// Runs with a policy by its name on the command line.
    /// - Throws: `unknown_name`, and the errors of `run(_:policy:)`.
    public func run(
        _ requests: [SimulatedRequest], policyNamed name: String, settings: PolicySettings
    ) throws(SimulationError) -> SimulatedRun {
        guard let policy = PolicyCatalogue.policy(named: name, settings: settings) else {
            let names = PolicyCatalogue.names.joined(separator: ", ")
            throw SimulationError(.unknownName, "there is no policy '\(name)'; policies: \(names)")
        }
        return try run(requests, policy: policy)
    }
}
