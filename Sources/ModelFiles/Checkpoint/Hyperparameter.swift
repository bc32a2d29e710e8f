/// A number or name that shapes a model. Formats have keys of their own for it.
public enum Hyperparameter: Sendable, Hashable, CaseIterable {
    /// Decoder layers.
    case layers
    /// Width of the residual stream.
    case hidden
    /// Width inside a feed-forward.
    case feedForward
    /// The most tokens of a sequence.
    case contextLength
    /// Query heads of a layer.
    case heads
    /// Key and value heads of a layer.
    case kvHeads
    /// Width of a query or key head.
    case keyWidth
    /// Width of a value head.
    case valueWidth
    /// Keys that a query sees at most.
    case slidingWindow
    /// What RMS norms add to the mean square.
    case rmsEpsilon
    /// Base of the rotary frequencies.
    case rotaryBase
    /// Dimensions of a head that are rotated.
    case rotaryWidth
    /// How rotary positions or frequencies are scaled: a name.
    case rotaryScaling
    /// The factor of the scaling.
    case rotaryFactor
    /// The factor of linear scaling, in old files.
    case rotaryLinearFactor
    /// Experts of a layer.
    case experts
}
