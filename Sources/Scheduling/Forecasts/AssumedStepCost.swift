/// A step cost for when nothing was measured: equal stages, linear in tokens, context and drawn tokens, and refined by
/// the times that a run observes.
///
/// The defaults are of the order of a stage with half of a model of 135 million parameters on one CPU core. Policies
/// compare times with each other, so the ratios of the times matter more than their magnitude.
public struct AssumedStepCost: StepCost {
    public let stages: Int
    /// Seconds that every micro-batch takes, whatever its size.
    public let fixedSeconds: Double
    public let secondsPerToken: Double
    public let secondsPerContextToken: Double
    /// Seconds of each drawn token: a stage's equal share of the output head.
    public let secondsPerSequence: Double
    private var corrections: [StepCorrection]
    /// The relative error that ratios of times may have while nothing was measured.
    private static let assumption = 0.25

    /// All times must be at least 0, and `fixedSeconds` above 0.
    public init(
        stages: Int, fixedSeconds: Double = 1e-4, secondsPerToken: Double = 8e-4,
        secondsPerContextToken: Double = 1.2e-7, secondsPerSequence: Double = 2e-4
    ) {
        precondition(stages > 0 && fixedSeconds > 0, "\(stages) stages, \(fixedSeconds) s: both must be above 0")
        precondition(secondsPerToken >= 0 && secondsPerContextToken >= 0 && secondsPerSequence >= 0)
        self.stages = stages
        self.fixedSeconds = fixedSeconds
        self.secondsPerToken = secondsPerToken
        self.secondsPerContextToken = secondsPerContextToken
        self.secondsPerSequence = secondsPerSequence
        // Nothing is known of the machine: the assumed times may be far off, and the first observations scale them.
        corrections = Array(repeating: StepCorrection(share: 0.25, limit: 1e6), count: stages)
    }

    public func seconds(_ load: StepLoad, on stage: Int) -> Double {
        assumed(load) * corrections[stage].factor(load.tokens)
    }

    /// For observed sizes, the standard error of the observations; for all others, the error of the assumed ratios.
    public func uncertainty(_ load: StepLoad, on stage: Int) -> Double {
        corrections[stage].uncertainty(load.tokens, table: Self.assumption)
    }

    /// Moves the correction of the stage towards this time. Ignores a stage beyond `stages`, and a time of 0 or less.
    public mutating func observe(_ load: StepLoad, on stage: Int, seconds: Double) {
        guard corrections.indices.contains(stage) else { return }
        corrections[stage].observe(load.tokens, ratio: seconds / assumed(load))
    }

    private func assumed(_ load: StepLoad) -> Double {
        fixedSeconds + secondsPerToken * Double(load.tokens) + secondsPerContextToken * Double(load.context)
            + secondsPerSequence * Double(load.sequences)
    }
}
