/// The sizes of a model that a run is planned with, the same for every device.
package struct ModelSizes: Sendable, Hashable {
    /// Decoder layers.
    package let layers: Int
    /// Tokens of the vocabulary: rows of the embedding and of the output head.
    package let vocabulary: Int
    /// The most tokens of a sequence, prompt and answer together.
    package let contextLength: Int

    package init(layers: Int, vocabulary: Int, contextLength: Int) {
        self.layers = layers
        self.vocabulary = vocabulary
        self.contextLength = contextLength
    }
}
