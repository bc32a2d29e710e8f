/// What a predictor was trained on; whoever uses it checks that encoder and model are the same.
public struct PredictorOrigin: Sendable, Hashable {
    /// The encoder that read the prompts.
    public var encoder: String
    /// Where it was: taken again where no other folder is named.
    public var encoderFolder: String
    public var encoderFingerprint: UInt64
    /// Tokens of a prompt that the encoder reads at most.
    public var window: Int
    /// Which tokens of a longer prompt these are.
    public var keep: Window
    /// The model whose answers were learned from.
    public var model: String
    public var modelFingerprint: UInt64

    public init(
        encoder: String, encoderFolder: String, encoderFingerprint: UInt64, window: Int, keep: Window, model: String,
        modelFingerprint: UInt64
    ) {
        self.encoder = encoder
        self.encoderFolder = encoderFolder
        self.encoderFingerprint = encoderFingerprint
        self.window = window
        self.keep = keep
        self.model = model
        self.modelFingerprint = modelFingerprint
    }
}
