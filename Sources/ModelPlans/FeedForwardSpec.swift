/// The feed-forward of a layer, which each row passes after attention.
package enum FeedForwardSpec: Sendable, Hashable {
    /// One feed-forward for all rows.
    case dense(FeedForwardBlock)
    /// A router that sends each row to a few of many feed-forwards.
    case experts(ExpertsSpec)
}

/// One feed-forward: down(activation(gate x) * up x), or down(activation(up x)) without a gate.
package struct FeedForwardBlock: Sendable, Hashable {
    package enum Activation: String, Sendable, Hashable {
        /// x * sigmoid(x).
        case silu
        /// GELU by its approximation with tanh.
        case geluTanh = "gelu-tanh"
        /// GELU by the error function.
        case gelu
        /// The square of max(x, 0).
        case reluSquared = "relu-squared"
        /// With g = min(gate, 7) and u = up cut to -7...7: g * sigmoid(1.702 g) * (u + 1).
        case clampedSwish = "clamped-swish"
    }
    /// Columns between the projections up and down.
    package var width: Int
    package var isGated = true
    package var activation = Activation.silu
    /// Whether the block's projections all have biases.
    package var hasBias = false

    package init(width: Int) { self.width = width }
}

/// A mixture of experts.
package struct ExpertsSpec: Sendable, Hashable {
    package var count: Int
    /// The number of experts that a row passes.
    package var used: Int
    /// The feed-forward of each expert.
    package var expert: FeedForwardBlock
    package var router: RouterSpec
    /// One more feed-forward, which all rows pass.
    package var shared: FeedForwardBlock?
    /// Whether the output of `shared` is weighted by the sigmoid of a logit of its own.
    package var weighsShared = false
    /// Whether an expert's weight multiplies its input, not its output.
    package var weighsInput = false

    package init(count: Int, used: Int, expert: FeedForwardBlock, router: RouterSpec) {
        self.count = count
        self.used = used
        self.expert = expert
        self.router = router
    }
}

/// How experts are chosen and weighted.
package struct RouterSpec: Sendable, Hashable {
    package enum Scores: Sendable, Hashable {
        /// Softmax over all experts.
        case softmax
        /// Sigmoid of each expert's logit.
        case sigmoid
        /// The highest logits are chosen, and the softmax is taken over these.
        case softmaxOfChosen
    }
    package var scores: Scores
    /// Whether the weights of the chosen experts are divided by their sum.
    package var normalises: Bool
    /// Multiplies the weights.
    package var scale: Float = 1
    package var hasBias = false
    /// Whether a bias is added to the scores when experts are chosen, but not when they are weighted.
    package var hasSelectionBias = false
    /// The groups that limit the choice: experts are chosen only within the best groups. nil: no groups.
    package var groups: ExpertGroups?

    package init(_ scores: Scores, normalises: Bool) {
        self.scores = scores
        self.normalises = normalises
    }
}

/// Even groups of experts. A group's score is the sum of its two best experts' scores.
package struct ExpertGroups: Sendable, Hashable {
    package var count: Int
    package var used: Int

    package init(count: Int, used: Int) {
        self.count = count
        self.used = used
    }
}
