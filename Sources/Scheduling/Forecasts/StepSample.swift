/// The measured times of one micro-batch, or of several equal ones.
public struct StepSample: Sendable, Hashable {
    public var load: StepLoad
    /// Seconds that each stage took, first stage first.
    public var stageSeconds: [Double]

    public init(load: StepLoad, stageSeconds: [Double]) {
        self.load = load
        self.stageSeconds = stageSeconds
    }
}

/// The relative errors of a fitted cost, |predicted - measured| / measured, over all stages of the samples that it was
/// fitted to.
public struct FitResiduals: Sendable, Hashable {
    public let median: Double
    public let worst: Double
}
