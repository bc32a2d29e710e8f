/// A part of a model: what one pipeline stage holds.
package struct LayerRange: Sendable, Hashable {
    /// Neighbouring layers.
    package let layers: Range<Int>
    /// Layers that the stage can compute: its own, and those around them where it holds their weights and reaches their
    /// share of the KV cache. More than `layers` only where stages share work (`SharingDevice`).
    package let layerReach: Range<Int>
    /// Tokens whose logits the stage computes before those of others: its share of the output head. May be empty. On a
    /// device whose stages share no work the last stage has the whole vocabulary and the others have none of it; else
    /// shares are cut at multiples of the device's `vocabularyUnit`.
    package let vocabulary: Range<Int>
    /// Tokens whose logits the stage can compute: its share, or more where it holds more of the head's weights. Cut
    /// likewise.
    package let vocabularyReach: Range<Int>
    /// Whether the stage turns tokens into activations (the first one does).
    package let hasEmbedding: Bool
    /// Whether the stage turns activations into rows to draw tokens from (the last one does).
    package let hasFinalNorm: Bool

    /// - Parameters:
    ///   - layerReach: holds the stage's layers; nil: those alone.
    ///   - vocabularyReach: holds the share; nil: the share alone.
    package init(
        layers: Range<Int>, vocabulary: Range<Int>, layerReach: Range<Int>? = nil, vocabularyReach: Range<Int>? = nil,
        hasEmbedding: Bool, hasFinalNorm: Bool
    ) {
        self.layers = layers
        self.layerReach = layerReach ?? layers
        self.vocabulary = vocabulary
        self.vocabularyReach = vocabularyReach ?? vocabulary
        precondition(
            self.layerReach.lowerBound <= layers.lowerBound && layers.upperBound <= self.layerReach.upperBound)
        precondition(vocabulary.isEmpty || self.vocabularyReach.clamped(to: vocabulary) == vocabulary)
        self.hasEmbedding = hasEmbedding
        self.hasFinalNorm = hasFinalNorm
    }

    /// All of a model with so many layers and tokens.
    package static func whole(layers: Int, vocabulary: Int) -> LayerRange {
        LayerRange(layers: 0..<layers, vocabulary: 0..<vocabulary, hasEmbedding: true, hasFinalNorm: true)
    }
}
