/// The measured times of one micro-batch, or of several equal ones.
public struct StepSample: Sendable, Hashable {
    public var load: StepLoad
    /// Seconds that each stage computed it, first stage first.
    public var stageSeconds: [Double]

    public init(load: StepLoad, stageSeconds: [Double]) {
        self.load = load
        self.stageSeconds = stageSeconds
    }
}

/// How far a fitted cost is from the samples that it was fitted to: |predicted - measured| / measured, over all samples
/// and stages.
public struct FitResiduals: Sendable, Hashable {
    public let median: Double
    public let worst: Double
}
