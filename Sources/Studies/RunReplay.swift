import Scheduling
import Simulation

/// A real run, simulated with the step times that were measured on its machine, to find the error of the simulator.
package struct RunReplay: Sendable {
    /// What is known of the real run.
    package struct Facts: Sendable {
        package var policy: StudyPolicy
        package var stages: Int
        package var blocks: Int
        package var prefillChunk: Int
        package var maxSequences: Int
        package var contextLength: Int
        /// From the beginning to the end of the last request.
        package var wallSeconds: Double
        package var bubbleRatio: Double

        package init(
            policy: StudyPolicy, stages: Int, blocks: Int, prefillChunk: Int, maxSequences: Int, contextLength: Int,
            wallSeconds: Double, bubbleRatio: Double
        ) {
            self.policy = policy
            self.stages = stages
            self.blocks = blocks
            self.prefillChunk = prefillChunk
            self.maxSequences = maxSequences
            self.contextLength = contextLength
            self.wallSeconds = wallSeconds
            self.bubbleRatio = bubbleRatio
        }
    }
    /// The range of ratios, of a run's times to a profile's, that can be replayed.
    package static let ratios = 1e-6...1e6

    package let facts: Facts
    /// The factor by which the stages took longer than the profile says.
    package let ratio: Double
    package let outcome: SimulatedRun

    /// Replays a run.
    ///
    /// - Parameters:
    ///   - requests: all requests of the run, in the order in which they came.
    ///   - costs: the profile that the run planned with; its fits also give the times of the simulated stages.
    ///     Activations take no transfer time between the threads of a process.
    ///   - layerCounts: layers of each stage, at least 1, if the stages take layers of each other; otherwise empty.
    ///   - ratio: the factor by which the stages take longer than `costs` says, since the machine was slower during the
    ///     run than when it was measured. The policy does not know the ratio, and learns from the times that it sees.
    ///   - handOverSeconds: seconds of a message from one thread to the next: a micro-batch to the stages, activations
    ///     to the next stage, tokens to the controller.
    /// - Throws: `invalid_setting` for a profile of another number of stages or a ratio outside `ratios`, and what
    ///   `PipelineSimulation` throws.
    package init(
        _ facts: Facts, requests: [SimulatedRequest], costs: MeasuredStepCost, layerCounts: [Int] = [],
        ratio: Double = 1,
        handOverSeconds: Double = 0, controllerSeconds: Double = 0
    ) throws(SimulationError) {
        guard costs.stages == facts.stages else {
            throw SimulationError(
                .invalidSetting, "the profile has \(costs.stages) stages, and the run had \(facts.stages)")
        }
        for (value, what) in [
            (facts.blocks, "KV blocks"), (facts.prefillChunk, "tokens in a prefill chunk"),
            (facts.maxSequences, "sequences at a time"), (facts.contextLength, "tokens of context"),
        ] where !(1...(1 << 30) ~= value) {
            throw SimulationError(.invalidSetting, "the run has \(value) \(what); 1...\(1 << 30) are possible")
        }
        guard Self.ratios.contains(ratio) else {
            throw SimulationError(
                .invalidSetting,
                "the run took \(ratio) times as long as its profile says; \(Self.ratios.lowerBound)..."
                    + "\(Self.ratios.upperBound) are possible")
        }
        let configuration = EngineConfiguration(
            stages: facts.stages, tokensPerBlock: StudySettings.tokensPerBlock, blockCount: facts.blocks,
            contextLength: facts.contextLength, prefillChunk: facts.prefillChunk, maxSequences: facts.maxSequences)
        var options = SimulationOptions()
        options.controllerSeconds = controllerSeconds
        let simulation = PipelineSimulation(
            configuration: configuration,
            timing: ScaledTiming(
                MeasuredTiming(costs, bytesPerToken: 0, layerCounts: layerCounts), by: ratio),
            network: SimulatedNetwork(
                stages: facts.stages, link: SimulatedLink(latencySeconds: handOverSeconds),
                dispatchSeconds: handOverSeconds, retireSeconds: handOverSeconds),
            options: options)
        self.facts = facts
        self.ratio = ratio
        outcome = try simulation.run(
            requests, policyNamed: facts.policy.name,
            settings: PolicySettings(
                costs: costs, lengths: facts.policy.lengths ?? PredictedLengths(requests),
                tdPipe: facts.policy.options))
    }

    package var predictedSeconds: Double { outcome.end.seconds }
    /// The predicted makespan over the real one, less 1.
    package var makespanError: Double { predictedSeconds / facts.wallSeconds - 1 }
    /// The predicted bubble ratio less the real one.
    package var bubbleError: Double { outcome.bubbleRatio - facts.bubbleRatio }
}
