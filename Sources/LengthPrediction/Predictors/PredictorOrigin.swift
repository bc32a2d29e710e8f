/// The encoder and the model with which a predictor was trained. Both must be the same when the predictor is used.
package struct PredictorOrigin: Sendable, Hashable {
    /// The name of the encoder that read the prompts.
    package var encoder: String
    /// The folder of the encoder, which is used again if no other folder is named.
    package var encoderFolder: String
    package var encoderFingerprint: UInt64
    /// The most tokens of a prompt that the encoder reads.
    package var window: Int
    /// Which tokens of a longer prompt the encoder reads.
    package var keep: Window
    /// The name of the model whose answers were learned from.
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
