/// How a model's numbers are stored and sent.
public struct ModelSettings: Sendable, Hashable {
    public var weights: WeightFormat
    /// Bytes of one number of the KV cache.
    public var cacheBytes: Double
    /// Bytes of one activation.
    public var activationBytes: Double
    /// Tensors of a row's width that a stage hands to the next: 2 where the residual is sent along with the hidden
    /// states, as in TD-Pipe and vLLM; 1 in this engine.
    public var boundaryTensors: Int

    public init(
        weights: WeightFormat = .fp16, cacheBytes: Double = 2, activationBytes: Double = 2, boundaryTensors: Int = 2
    ) {
        precondition(cacheBytes > 0 && activationBytes > 0 && boundaryTensors > 0, "sizes must be above 0")
        self.weights = weights
        self.cacheBytes = cacheBytes
        self.activationBytes = activationBytes
        self.boundaryTensors = boundaryTensors
    }
}
