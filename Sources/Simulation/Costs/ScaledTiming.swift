import Scheduling

/// The stage times of another timing, multiplied by a factor: a machine that is slower or faster than when it was
/// measured.
public struct ScaledTiming: StageTiming {
    private let base: any StageTiming
    /// Above 0; above 1 for a slower machine.
    public let factor: Double

    public init(_ base: any StageTiming, by factor: Double) {
        precondition(factor > 0 && factor.isFinite, "times are scaled by \(factor); it must be above 0 and finite")
        self.base = base
        self.factor = factor
    }

    public var stages: Int { base.stages }
    public var headPieces: Int { base.headPieces }
    public var layerPieces: [Int] { base.layerPieces }

    public func layerSeconds(_ load: StepLoad, on stage: Int) -> Double {
        factor * base.layerSeconds(load, on: stage)
    }

    public func layerSeconds(_ load: StepLoad, cacheReads: Double, on stage: Int) -> Double {
        factor * base.layerSeconds(load, cacheReads: cacheReads, on: stage)
    }

    public func headSeconds(_ load: StepLoad, on stage: Int) -> Double {
        factor * base.headSeconds(load, on: stage)
    }

    public func activationBytes(_ load: StepLoad) -> Int { base.activationBytes(load) }
}
