/// What a predictor was trained on; whoever uses it checks that encoder and model are the same.
package struct PredictorOrigin: Sendable, Hashable {
    /// The encoder that read the prompts.
    package var encoder: String
    /// Where it was: taken again where no other folder is named.
    package var encoderFolder: String
    package var encoderFingerprint: UInt64
    /// Tokens of a prompt that the encoder reads at most.
    package var window: Int
    /// Which tokens of a longer prompt these are.
    package var keep: Window
    /// The model whose answers were learned from.
    package var model: String
    package var modelFingerprint: UInt64

    package init(
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
