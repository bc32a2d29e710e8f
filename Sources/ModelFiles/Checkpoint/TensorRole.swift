/// The purpose of a tensor in a decoder. Each format has its own names for the roles.
public struct TensorRole: Sendable, Hashable {
    /// The part of the model that the tensor belongs to.
    public enum Part: Sendable, Hashable, CaseIterable {
        // Parts of the model as a whole.
        case tokenEmbedding, finalNorm, outputHead
        /// One divisor of the rotary frequency for each rotated pair.
        case rotaryFactors

        // Attention of a layer. Matrices of several heads hold head after head.
        case attentionNorm, query, key, value, queryNorm, keyNorm
        /// One logit for each head that takes part in the softmax without a value.
        case attentionSinks
        case attentionOutput, postAttentionNorm

        // The feed-forward of a layer.
        case feedForwardNorm, gate, up, down, postFeedForwardNorm
        /// Gives each expert a logit for a row.
        case router
        /// Added to the experts' scores when experts are chosen, but not to the experts' weights.
        case routerSelection
        // The matrices of all experts, one after the other in one tensor.
        case expertGates, expertUps, expertDowns
        // The expert that all rows pass.
        case sharedGate, sharedUp, sharedDown
        /// Gives the shared expert a logit for a row.
        case sharedRouter

        /// Whether the part belongs to a layer, not to the whole model.
        public var isOfLayer: Bool {
            switch self {
            case .tokenEmbedding, .finalNorm, .outputHead, .rotaryFactors: false
            default: true
            }
        }
    }

    /// Which of a part's tensors the role names.
    public enum Kind: Sendable, Hashable {
        case weight, bias
    }

    public let part: Part
    public let kind: Kind
    /// The layer, from 0 on; nil for a part of the whole model.
    public let layer: Int?

    /// - Parameter layer: given if and only if the part belongs to a layer.
    public init(_ part: Part, _ kind: Kind = .weight, layer: Int? = nil) {
        precondition(part.isOfLayer == (layer != nil), "\(part) in layer \(layer.map(String.init) ?? "(none)")")
        self.part = part
        self.kind = kind
        self.layer = layer
    }
}
