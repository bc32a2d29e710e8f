import Simulation

/// How a method spreads a model over the devices of whatever cluster it runs on.
package enum PlanChoice: Sendable, Hashable, CustomStringConvertible {
    /// A stage for each device.
    case pipeline
    /// One stage, in which all devices share every matrix.
    case tensor
    /// The same plan on each cluster.
    case fixed(ParallelPlan)

    /// Reads `pp`, `tp`, or a plan such as `tp2pp2`.
    /// - Throws: `malformed_text` for another form, `invalid_setting` for counts that are not possible.
    package init(parsing text: String) throws(SimulationError) {
        switch text.lowercased() {
        case "pp": self = .pipeline
        case "tp": self = .tensor
        default: self = .fixed(try ParallelPlan(text))
        }
    }

    /// The choice in the form that `init(parsing:)` reads.
    package var description: String {
        switch self {
        case .pipeline: "pp"
        case .tensor: "tp"
        case .fixed(let plan): "\(plan)"
        }
    }

    /// The plan for a cluster. A fixed plan may not fit it.
    /// - Throws: `invalid_setting` for more devices than a plan may have.
    package func plan(for cluster: Cluster) throws(SimulationError) -> ParallelPlan {
        switch self {
        case .pipeline: try ParallelPlan(pipeline: cluster.devices)
        case .tensor: try ParallelPlan(tensor: cluster.devices)
        case .fixed(let plan): plan
        }
    }

    /// The kind of plan that this is on a cluster of several devices.
    package var parallelism: Parallelism {
        switch self {
        case .pipeline: .pipeline
        case .tensor: .tensor
        case .fixed(let plan): plan.parallelism
        }
    }
}

/// What the devices of a plan share.
package enum Parallelism: String, Sendable, Hashable, CaseIterable {
    /// Each device has layers of its own. A single device counts as a pipeline of one stage.
    case pipeline
    /// All devices have a part of every matrix.
    case tensor
    /// Groups of devices that share matrices are the stages of a pipeline.
    case mixed
}

extension ParallelPlan {
    package var parallelism: Parallelism {
        if tensor == 1 { return .pipeline }
        return pipeline == 1 ? .tensor : .mixed
    }
}
