import Scheduling

/// Stage times as a step profile of a real pipeline has them: what `tideway profile` stored.
public struct MeasuredTiming: StageTiming {
    /// By stage.
    public let fits: [StageFit]
    /// Bytes that a stage hands on for each token.
    public let bytesPerToken: Int

    /// By stage: the layers that it was measured with; empty if the borders between stages stay where they are.
    public let layerPieces: [Int]

    /// - Parameters:
    ///   - cost: as it was fitted; what it observed since is left out.
    ///   - layerCounts: by stage, if stages take layers of each other; else empty.
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
