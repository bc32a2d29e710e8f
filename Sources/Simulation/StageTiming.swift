import Scheduling

/// How long the stages of a pipeline compute, and how much they hand on: what the simulator knows of a machine.
///
/// Pure: the same load on the same stage always takes the same time. All seconds are finite and at least 0.
public protocol StageTiming: Sendable {
    /// Pipeline depth P, at least 1.
    var stages: Int { get }
    /// Seconds that `stage` computes its layers for a micro-batch of this load.
    func layerSeconds(_ load: StepLoad, on stage: Int) -> Double
    /// Seconds that `stage` computes its layers, given the number of tokens whose keys and values are read, which the
    /// load alone does not tell. A timing that does not depend on this number need not implement this method.
    /// - Parameter cacheReads: the sum of the lengths of the micro-batch's sequences after it.
    func layerSeconds(_ load: StepLoad, cacheReads: Double, on stage: Int) -> Double
    /// Seconds of the stage's share of the output head for `load.sequences` rows; 0 where it has none.
    func headSeconds(_ load: StepLoad, on stage: Int) -> Double
    /// The number of pieces into which a stage's share of the head is cut, at least 1. With more than 1, a stage that
    /// is done with its own share takes pieces that others have not begun, as the stages of one process do (work
    /// stealing). With 1, shares are fixed.
    var headPieces: Int { get }
    /// By stage: the number of pieces of equal cost into which its layers are cut, at least 1. The border between two
    /// stages then moves with their load, as between the stages of one process (`SimulatedPipeline`). Empty: borders
    /// are fixed.
    var layerPieces: [Int] { get }
    /// Bytes of activations that a stage hands to the next one for this load.
    func activationBytes(_ load: StepLoad) -> Int
}

extension StageTiming {
    public var headPieces: Int { 1 }
    public var layerPieces: [Int] { [] }

    public func layerSeconds(_ load: StepLoad, cacheReads: Double, on stage: Int) -> Double {
        layerSeconds(load, on: stage)
    }
}
