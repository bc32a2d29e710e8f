import Scheduling

/// Stage times from the step profile of a real pipeline, as `tideway profile` stores it.
public struct MeasuredTiming: StageTiming {
    /// The fit of each stage.
    public let fits: [StageFit]
    /// Bytes that a stage hands on for each token.
    public let bytesPerToken: Int

    /// The number of layers with which each stage was measured; empty if the borders between stages are fixed.
    public let layerPieces: [Int]

    /// - Parameters:
    ///   - cost: only its fits are used, not the times that it observed since.
    ///   - layerCounts: layers of each stage if stages take layers of each other; otherwise empty.
    public init(_ cost: MeasuredStepCost, bytesPerToken: Int, layerCounts: [Int] = []) {
        precondition(bytesPerToken >= 0, "\(bytesPerToken) bytes a token; at least 0 are possible")
        fits = cost.fits
        layerPieces = layerCounts
        self.bytesPerToken = bytesPerToken
    }

    public var stages: Int { fits.count }
    public var headPieces: Int { max(1, WorkSharing.headPieces / fits.count) }

    public func layerSeconds(_ load: StepLoad, on stage: Int) -> Double {
        var layers = load
        layers.sequences = 0
        return fits[stage].seconds(layers)
    }

    public func headSeconds(_ load: StepLoad, on stage: Int) -> Double {
        Double(load.sequences) * fits[stage].secondsPerSequence
    }

    public func activationBytes(_ load: StepLoad) -> Int {
        let (bytes, overflows) = load.tokens.multipliedReportingOverflow(by: bytesPerToken)
        return overflows ? .max : bytes
    }
}
