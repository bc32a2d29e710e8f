import Runtime
import Scheduling

/// Pipeline, driver and core of one run.
package struct Engine: Sendable {
    package let deployment: Deployment
    package let clock: RunClock
    package let pipeline: Pipeline
    package let driver: EngineDriver
    package let core: EngineCore

    package init(_ deployment: Deployment, policy: any SchedulingPolicy, recordsSpans: Bool) throws {
        self.deployment = deployment
        clock = RunClock()
        pipeline = try Pipeline(
            device: deployment.device, ranges: deployment.plan.ranges, blocks: deployment.blocksTotal,
            clock: clock, recordsSpans: recordsSpans)
        driver = EngineDriver(pipeline: pipeline, clock: clock)
        core = EngineCore(configuration: deployment.plan.configuration, policy: policy)
    }

    /// Ends the stages' threads, for an engine that never ran.
    package func shutDown() { pipeline.shutDown() }
}
