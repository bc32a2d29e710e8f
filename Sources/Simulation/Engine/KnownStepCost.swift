import Scheduling

/// The simulated machine's own times as a policy's step cost: a perfect profile, which observations do not correct.
public struct KnownStepCost: StepCost {
    private let timing: any StageTiming

    public init(_ timing: any StageTiming) { self.timing = timing }

    public var stages: Int { timing.stages }

    /// Seconds of the stage's layers and its share of the head; at least a nanosecond.
    public func seconds(_ load: StepLoad, on stage: Int) -> Double {
        max(1e-9, timing.layerSeconds(load, on: stage) + timing.headSeconds(load, on: stage))
    }

    public mutating func observe(_ load: StepLoad, on stage: Int, seconds: Double) {}
}
