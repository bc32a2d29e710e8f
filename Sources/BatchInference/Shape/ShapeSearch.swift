import Inference
import Runtime
import Scheduling

/// The search for the shape of a run's pipeline: the work at hand is rolled forward in each shape that the machine and
/// the model allow. The choice changes no token.
public struct ShapeSearch: Sendable, Hashable {
    /// Cores that the stages share.
    public let cores: Int
    /// Threads of each stage; nil: the cores shared out evenly.
    public let threads: Int?
    /// The most stages of a candidate.
    public static let mostStages = 8

    public init(cores: Int, threads: Int? = nil) {
        self.cores = cores
        self.threads = threads
    }

    /// The shapes to choose from, by stages; at least one.
    /// - Parameter layers: layers of the model, the most stages that it allows.
    public func candidates(layers: Int) -> [EngineShape] {
        let share = threads.map { cores / max(1, $0) } ?? cores
        let most = max(1, min(share, layers, Self.mostStages))
        return (1...most).map { EngineShape(stages: $0, threads: threads ?? max(1, cores / $0)) }
    }

    /// The chosen shape as a deployment, and its step costs if they were looked at.
    typealias Result = (choice: ShapeChoice, deployment: Deployment, costs: (any StepCost)?)

    /// Chooses among the shapes of a model.
    ///
    /// Step costs come from stored profiles, or from a short measurement of each shape without one, one after the other;
    /// the shapes share the packed weights.
    /// - Parameters:
    ///   - deployment: the model in any shape.
    ///   - work: makes the work at hand; called only if there is a choice.
    ///   - policy: makes the policy of the run.
    ///   - lengths: the predictor of the run's answer lengths.
    ///   - onNotice: called with lines that the user should know.
    /// - Throws: errors of the stages and of the measurement.
    func choose(
        for deployment: Deployment, work: () throws -> ShapeWork, policy: (any StepCost) throws -> any SchedulingPolicy,
        lengths: any LengthPredictor, onNotice: (String) -> Void
    ) throws -> Result {
        let shapes = candidates(layers: deployment.layerCounts.reduce(0, +))
        func alone() throws -> Result {
            let choice = ShapeChoice(only: shapes[0])
            onNotice(choice.line)
            return (choice, try deployment.reshaped(shapes[0]), nil)
        }
        guard shapes.count > 1 else { return try alone() }
        let work = try work()
        guard !work.requests.isEmpty else { return try alone() }
        let trials = try shapes.map { shape in
            let reshaped = try deployment.reshaped(shape)
            let costs = try CostSource().costs(for: reshaped, named: nil) { onNotice("\(shape): \($0)") }
            let seconds = work.seconds(
                reshaped.plan.configuration, policy: try policy(costs), lengths: lengths, costs: costs)
            return (deployment: reshaped, costs: costs, candidate: ShapeChoice.Candidate(shape, seconds: seconds))
        }
        let choice = ShapeChoice(from: trials.map(\.candidate), sampled: work.requests.count)
        onNotice(choice.line)
        let chosen = trials.first { $0.candidate.shape == choice.shape } ?? trials[0]
        return (choice, chosen.deployment, chosen.costs)
    }
}

extension Deployment {
    fileprivate func reshaped(_ shape: EngineShape) throws -> Deployment {
        try reshaped(stages: shape.stages, threads: shape.threads)
    }
}
