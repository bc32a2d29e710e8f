/// The part of a model that one pipeline stage holds.
package struct LayerRange: Sendable, Hashable {
    /// The stage's own layers, which are neighbours.
    package let layers: Range<Int>
    /// Layers that the stage can compute: its own, and neighbouring layers whose weights and share of the KV cache it
    /// can reach. More than `layers` only where stages share work (`SharingDevice`).
    package let layerReach: Range<Int>
    /// The stage's share of the output head: tokens whose logits it computes before those of other shares. May be
    /// empty. On a device whose stages share no work, the share of the last stage is the whole vocabulary and the other
    /// shares are empty; on other devices, shares are cut at multiples of the device's `vocabularyUnit`.
    package let vocabulary: Range<Int>
    /// Tokens whose logits the stage can compute: its share, or more if it holds more of the head's weights. Cut at
    /// multiples of the `vocabularyUnit`, like the share.
    package let vocabularyReach: Range<Int>
    /// Whether the stage turns tokens into activations (the first stage does).
    package let hasEmbedding: Bool
    /// Whether the stage turns activations into rows to draw tokens from (the last stage does).
    package let hasFinalNorm: Bool

    /// - Parameters:
    ///   - layerReach: contains the stage's layers; nil: the stage's layers alone.
    ///   - vocabularyReach: contains the share; nil: the share alone.
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

    /// The whole of a model with `layers` layers and a vocabulary of `vocabulary` tokens.
    package static func whole(layers: Int, vocabulary: Int) -> LayerRange {
        LayerRange(layers: 0..<layers, vocabulary: 0..<vocabulary, hasEmbedding: true, hasFinalNorm: true)
    }
}
