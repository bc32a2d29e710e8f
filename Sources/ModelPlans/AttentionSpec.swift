/// Softmax attention of grouped queries over the keys and values of a sequence.
package struct AttentionSpec: Sendable, Hashable {
    /// Query heads.
    package var heads: Int
    /// Key and value heads; divides `heads`.
    package var kvHeads: Int
    /// Width of a head.
    package var headDim: Int
    /// Whether query, key and value have biases.
    package var hasInputBias = false
    /// Whether the output projection has a bias.
    package var hasOutputBias = false
    /// The norm of queries and keys before they are rotated.
    package var queryKeyNorm: QueryKeyNorm?
    /// How queries and keys are rotated by their positions; nil: no rotation.
    package var rotation: RotarySpec?
    /// Multiplies the products of queries and keys.
    package var scale: Float
    /// The number of last keys that a query sees, its own included; nil: all keys.
    package var window: Int?
    /// The cap of the scores: each scaled product s becomes cap * tanh(s / cap), before the mask. nil: no cap.
    package var softCap: Float?
    /// Whether the softmax of each head has an extra logit that belongs to no value.
    package var hasSinks = false

    /// Attention with the usual scale, 1 / sqrt(headDim).
    package init(heads: Int, kvHeads: Int, headDim: Int, rotation: RotarySpec?) {
        self.heads = heads
        self.kvHeads = kvHeads
        self.headDim = headDim
        self.rotation = rotation
        scale = 1 / Float(headDim).squareRoot()
    }

    /// Columns of all query heads.
    package var queryWidth: Int { heads * headDim }
    /// Columns of all key heads; all value heads have the same number.
    package var kvWidth: Int { kvHeads * headDim }
}

/// An RMS norm of queries and of keys, with separate weights for queries and for keys.
package struct QueryKeyNorm: Sendable, Hashable {
    package enum Extent: Sendable, Hashable {
        /// Each head is normed by itself; all heads share the weights of one head.
        case head
        /// All heads of a row are normed together.
        case row
    }
    package var extent: Extent
    /// Added to the mean square.
    package var epsilon: Float

    package init(_ extent: Extent, epsilon: Float) {
        self.extent = extent
        self.epsilon = epsilon
    }
}
