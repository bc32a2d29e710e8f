import ModelFiles

/// What a decoder computes, as data: the layers in order, and what comes before and after them. A model family makes
/// the plan from a checkpoint; a device assembles its layers from the plan, or refuses the plan and names the feature
/// that it cannot run.
///
/// The plan is also the list of the model's tensors (`tensors`): for loading, for refusing checkpoints with other
/// tensors, and for estimates of memory.
package struct ModelPlan: Sendable, Hashable {
    /// The family, by the name that checkpoints use.
    package var architecture: String
    /// The author's name for the model; nil if the checkpoint does not give one.
    package var name: String?
    /// Width of the residual stream.
    package var hidden: Int
    /// The number of tokens: rows of the embedding and of the output head.
    package var vocabulary: Int
    /// The most tokens of a sequence.
    package var contextLength: Int
    /// Multiplies the embedding of each token.
    package var embeddingScale: Float = 1
    package var layers: [LayerSpec]
    package var finalNorm: NormSpec
    package var head: HeadSpec

    package init(
        architecture: String, name: String?, hidden: Int, vocabulary: Int, contextLength: Int, layers: [LayerSpec],
        finalNorm: NormSpec, head: HeadSpec
    ) {
        self.architecture = architecture
        self.name = name
        self.hidden = hidden
        self.vocabulary = vocabulary
        self.contextLength = contextLength
        self.layers = layers
        self.finalNorm = finalNorm
        self.head = head
    }

    /// The plan of a checkpoint, by its family.
    /// - Throws: `ModelPlanError` for an unknown family, impossible sizes and features that the family does not
    ///   support; `ModelFileError` for values and tensors that the checkpoint lacks.
    package init(_ checkpoint: any Checkpoint) throws {
        self = try ModelFamily.named(checkpoint.architecture()).plan(of: checkpoint)
    }
}

/// One decoder layer: x += attention(norm(x)); x += feedForward(norm(x)), with the variants below.
package struct LayerSpec: Sendable, Hashable {
    package var attention: AttentionSpec
    package var feedForward: FeedForwardSpec
    package var attentionNorms: BranchNorms
    package var feedForwardNorms: BranchNorms
    /// Multiplies what a branch adds to the residual stream.
    package var residualScale: Float = 1
    /// Whether both branches read the same normed x, and their outputs are added together. The feed-forward then has no
    /// norm of its own before it.
    package var isParallel = false

    package init(
        attention: AttentionSpec, feedForward: FeedForwardSpec, attentionNorms: BranchNorms,
        feedForwardNorms: BranchNorms
    ) {
        self.attention = attention
        self.feedForward = feedForward
        self.attentionNorms = attentionNorms
        self.feedForwardNorms = feedForwardNorms
    }
}

/// The norms around one branch of a layer.
package struct BranchNorms: Sendable, Hashable {
    /// The norm of the branch's input.
    package var before: NormSpec?
    /// The norm of the branch's output, before it is added to the residual stream.
    package var after: NormSpec?

    package init(before: NormSpec?, after: NormSpec? = nil) {
        self.before = before
        self.after = after
    }
}

/// A norm over the width of a row, with one weight per column.
package struct NormSpec: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// Divides by the root of the mean square.
        case rms
        /// Subtracts the mean, then divides by the deviation.
        case mean
    }
    package var kind: Kind
    /// Added to the mean square, or to the variance.
    package var epsilon: Float
    package var hasBias = false

    package init(_ kind: Kind = .rms, epsilon: Float) {
        self.kind = kind
        self.epsilon = epsilon
    }
}

/// The output head: from the final norm to logits.
package struct HeadSpec: Sendable, Hashable {
    /// Whether the head's matrix is the embedding.
    package var isTied: Bool
    /// Multiplies the logits.
    package var scale: Float = 1
    /// The cap of the logits: each logit l becomes cap * tanh(l / cap). nil: no cap.
    package var softCap: Float?

    package init(isTied: Bool) { self.isTied = isTied }
}
