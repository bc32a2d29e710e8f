import Scheduling
import Simulation

/// Where the time of a run goes, in seconds of a device, as a mean over all devices.
package struct TimeBudget: Sendable, Hashable {
    /// What can take the time of a device.
    package enum Use: String, Sendable, Hashable, CaseIterable {
        /// The device's stage has nothing to do.
        case idle
        /// The devices of a stage exchange their parts of the activations.
        case links
        /// Weights are read, once for each micro-batch and stage, at the bandwidth that the device reaches.
        case weights
        /// What is left: arithmetic, keys and values, launches.
        case rest
    }

    /// Seconds of each use, which add up to those of the run.
    package let seconds: [Use: Double]
    /// Micro-batches that went through all stages, each of which reads all weights.
    package let microBatches: Int

    /// - Parameter run: a run with its steps on record.
    init(_ run: Study.Run) {
        let (outcome, deployment) = (run.outcome, run.deployment)
        let (stages, tensor) = (deployment.layout.stages, deployment.plan.tensor)
        let (model, settings, device) = (deployment.model, deployment.settings, deployment.cluster.device)
        let bandwidth = device.bytesPerSecond * device.curve.bandwidthShare
        let steps = outcome.recording.steps
        microBatches = steps.count
        var (links, weights) = (0.0, 0.0)
        for stage in 0..<stages {
            let layers = Double(deployment.layout.layers[stage])
            let vocabulary = deployment.layout.vocabulary[stage]
            let parameters = layers * Double(model.layerParameters) + Double(vocabulary * model.hidden)
            weights += parameters * settings.weights.bytesPerWeight / Double(tensor) / bandwidth * Double(steps.count)
            guard tensor > 1 else { continue }
            for step in steps {
                let rows = Double(step.prefillTokens + step.decodeTokens) * settings.activationBytes
                let logits = Double(step.sequences * vocabulary) * settings.activationBytes
                links +=
                    2 * layers
                    * deployment.cluster.link.allReduceSeconds(bytes: rows * Double(model.hidden), members: tensor)
                if logits > 0 { links += deployment.cluster.link.allGatherSeconds(bytes: logits, members: tensor) }
            }
        }
        let busy = outcome.stageBusySeconds.reduce(0, +) / Double(stages)
        links = min(links / Double(stages), busy)
        weights = min(weights / Double(stages), busy - links)
        seconds = [
            .idle: max(0, outcome.end.seconds - busy), .links: links, .weights: weights, .rest: busy - links - weights,
        ]
    }

    /// For figures that are known.
    package init(idle: Double, links: Double, weights: Double, rest: Double, microBatches: Int) {
        seconds = [.idle: idle, .links: links, .weights: weights, .rest: rest]
        self.microBatches = microBatches
    }

    package var total: Double { Use.allCases.reduce(0) { $0 + self[$1] } }

    package subscript(use: Use) -> Double { seconds[use] ?? 0 }

    /// A use's share of the run; 0 if nothing ran.
    package func share(_ use: Use) -> Double { total > 0 ? self[use] / total : 0 }
}
