/// The sizes of a model that a run is planned with, whatever device computes it.
public struct ModelSizes: Sendable, Hashable {
    /// Decoder layers.
    public let layers: Int
    /// Tokens of the vocabulary: rows of the embedding and of the output head.
    public let vocabulary: Int
    /// The most tokens of a sequence, prompt and answer together.
    public let contextLength: Int

    public init(layers: Int, vocabulary: Int, contextLength: Int) {
        self.layers = layers
        self.vocabulary = vocabulary
        self.contextLength = contextLength
    }
}
