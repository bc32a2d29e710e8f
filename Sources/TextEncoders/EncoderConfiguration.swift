import CKernels
import CPUDevice

/// The shape of a text encoder of the BERT family (arXiv 1810.04805), checked.
package struct EncoderConfiguration: Sendable, Hashable {
    /// Width of the hidden states.
    package let hidden: Int
    package let layers: Int
    package let heads: Int
    /// Width of the feed-forward.
    package let feedForward: Int
    package let vocabulary: Int
    /// The most tokens of a text: the model has a position embedding for each.
    package let longest: Int
    /// Added to the variance in layer norms.
    package let epsilon: Float

    /// Width of one head.
    package var headDim: Int { hidden / heads }

    /// - Parameters:
    ///   - hidden: a multiple of 32, and of 16 for each head.
    ///   - feedForward: a multiple of 32.
    ///   - longest: called `max_position_embeddings` in the files of such models.
    ///   - activation: the feed-forward's activation, as the files of such models name it. `gelu`, the exact form, is
    ///     the only one supported.
    /// - Throws: `DeviceError` for sizes that no such model has or that the kernels do not compute with.
    package init(
        hidden: Int, layers: Int, heads: Int, feedForward: Int, vocabulary: Int, longest: Int, epsilon: Float,
        activation: String = "gelu"
    ) throws(DeviceError) {
        self.hidden = try Self.size("hidden width", hidden, of: Int(TW_BLOCK))
        self.layers = try Self.size("number of layers", layers, atMost: 4096)
        self.heads = try Self.size("number of heads", heads, atMost: 65_536)
        self.feedForward = try Self.size("feed-forward width", feedForward, of: Int(TW_BLOCK))
        self.vocabulary = try Self.size("vocabulary", vocabulary, atMost: Int(Int32.max))
        self.longest = try Self.size("number of positions", longest)
        self.epsilon = epsilon
        let panel = Int(TW_PANEL)
        guard hidden % heads == 0, hidden / heads % panel == 0 else {
            throw DeviceError(
                .badConfiguration,
                "the hidden width is \(hidden) and there are \(heads) heads; each head's width must be a multiple of \(panel)"
            )
        }
        guard epsilon >= 0, epsilon < 1 else {
            throw DeviceError(.badConfiguration, "the norm epsilon is \(epsilon); it must lie in 0..<1")
        }
        guard activation == "gelu" else {
            throw DeviceError(
                .unsupportedFeature, "the activation is '\(activation)'; the one that is supported is 'gelu'")
        }
    }

    private static func size(
        _ name: String, _ value: Int, of unit: Int = 1, atMost limit: Int = 1 << 24
    ) throws(DeviceError) -> Int {
        guard (1...limit).contains(value) else {
            throw DeviceError(.badConfiguration, "the \(name) is \(value); it must lie in 1...\(limit)")
        }
        guard value % unit == 0 else {
            throw DeviceError(.badConfiguration, "the \(name) is \(value); it must be a multiple of \(unit)")
        }
        return value
    }
}
