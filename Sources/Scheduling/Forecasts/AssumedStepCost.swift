/// A step cost for when nothing was measured: equal stages, linear in tokens, context and drawn tokens, and refined by
/// what a run observes.
///
/// The defaults are of the order of a stage with half of a model of 135 million parameters on one CPU core. Policies
/// compare times with each other, so their proportions matter more than their size.
public struct AssumedStepCost: StepCost {
    public let stages: Int
    /// Seconds of any micro-batch.
    public let fixedSeconds: Double
    public let secondsPerToken: Double
    public let secondsPerContextToken: Double
    /// Seconds of each drawn token: a stage's equal share of the output head.
    public let secondsPerSequence: Double
    private var corrections: [StepCorrection]
    /// How far proportions that nobody measured may be off.
    private static let assumption = 0.25

    /// All times at least 0, `fixedSeconds` above it.
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
        // Nothing is known of the machine: the first observations find the size, and it may be far off.
        corrections = Array(repeating: StepCorrection(share: 0.25, limit: 1e6), count: stages)
    }

    public func seconds(_ load: StepLoad, on stage: Int) -> Double {
        assumed(load) * corrections[stage].factor(load.tokens)
    }

    /// What was observed is known as well as it repeats; the rest is assumed.
    public func uncertainty(_ load: StepLoad, on stage: Int) -> Double {
        corrections[stage].uncertainty(load.tokens, table: Self.assumption)
    }

    /// Moves the correction of the stage towards this time. A stage beyond `stages` and a time that is not above 0 are
    /// passed over.
    public mutating func observe(_ load: StepLoad, on stage: Int, seconds: Double) {
        guard corrections.indices.contains(stage) else { return }
        corrections[stage].observe(load.tokens, ratio: seconds / assumed(load))
    }

    private func assumed(_ load: StepLoad) -> Double {
        fixedSeconds + secondsPerToken * Double(load.tokens) + secondsPerContextToken * Double(load.context)
            + secondsPerSequence * Double(load.sequences)
    }
}
