/// A number or name that shapes a model. Each format has its own keys for the hyperparameters.
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
    /// The most keys that a query sees.
    case slidingWindow
    /// The number that RMS norms add to the mean square.
    case rmsEpsilon
    /// Base of the rotary frequencies.
    case rotaryBase
    /// Dimensions of a head that are rotated.
    case rotaryWidth
    /// How rotary positions or frequencies are scaled: a name.
    case rotaryScaling
    /// The factor of the rotary scaling.
    case rotaryFactor
    /// The factor of linear scaling, in old files.
    case rotaryLinearFactor
    /// Experts of a layer.
    case experts
}
