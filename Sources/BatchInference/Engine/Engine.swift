import Runtime
import Scheduling

/// Pipeline, driver and core of one run.
struct Engine: Sendable {
    let deployment: Deployment
    let clock: RunClock
    let pipeline: Pipeline
    let driver: EngineDriver
    let core: EngineCore

    init(_ deployment: Deployment, policy: any SchedulingPolicy, recordsSpans: Bool) throws {
        self.deployment = deployment
        clock = RunClock()
        pipeline = try Pipeline(
            device: deployment.device, ranges: deployment.plan.ranges, blocks: deployment.blocksTotal,
            threads: deployment.options.threads, clock: clock, recordsSpans: recordsSpans)
        driver = EngineDriver(pipeline: pipeline, clock: clock)
        core = EngineCore(configuration: deployment.plan.configuration, policy: policy)
    }

    /// Ends the stages' threads, for an engine that never ran.
    func shutDown() { pipeline.shutDown() }
}
