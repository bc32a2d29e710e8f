import CKernels
import ModelPlans

/// A plan that the layers of the CPU device can compute.
struct CPUModel: Sendable {
    let plan: ModelPlan
    /// The sizes of every layer: all layers have the same sizes.
    let sizes: LayerSizes
    /// The rotation of every layer.
    let rotation: RotarySpec

    var layers: Int { plan.layers.count }
    var hidden: Int { plan.hidden }
    var vocabulary: Int { plan.vocabulary }

    /// - Throws: `DeviceError` that names the feature of the plan, and its layer, which the device cannot compute.
    init(_ plan: ModelPlan) throws(DeviceError) {
        guard let first = plan.layers.first else { throw DeviceError(.badConfiguration, "the plan has no layers") }
        if let feature = plan.unsupportedFeature {
            throw DeviceError(.unsupportedFeature, "the CPU device cannot compute \(feature)")
        }
        for (index, layer) in plan.layers.enumerated() {
            guard let feature = layer.unsupportedFeature(after: first) else { continue }
            throw DeviceError(.unsupportedFeature, "the CPU device cannot compute layer \(index): \(feature)")
        }
        guard let rotation = first.attention.rotation, case .dense(let block) = first.feedForward else {
            preconditionFailure("a layer without rotation or dense feed-forward passed the check")
        }
        self.plan = plan
        self.rotation = rotation
        sizes = LayerSizes(
            hidden: plan.hidden, heads: first.attention.heads, kvHeads: first.attention.kvHeads,
            headDim: first.attention.headDim, feedForward: block.width)
        try sizes.check()
    }
}

/// The sizes of a decoder layer.
struct LayerSizes: Sendable {
    /// Width of the residual stream.
    let hidden: Int
    let heads: Int
    let kvHeads: Int
    let headDim: Int
    /// Width of the gated feed-forward.
    let feedForward: Int

    /// Query heads that share a key/value head.
    var group: Int { heads / kvHeads }
    var queryWidth: Int { heads * headDim }
    var kvWidth: Int { kvHeads * headDim }

    /// Refuses sizes that the kernels do not compute with.
    fileprivate func check() throws(DeviceError) {
        func require(_ holds: Bool, _ message: String) throws(DeviceError) {
            if !holds { throw DeviceError(.badConfiguration, message) }
        }
        let panel = Int(TW_PANEL)
        try require(heads % kvHeads == 0, "\(heads) query heads cannot share \(kvHeads) key/value heads evenly")
        try require(headDim % 8 == 0, "the head width is \(headDim); it must be a multiple of 8")
        try require(hidden % panel == 0, "the hidden width is \(hidden); it must be a multiple of \(panel)")
        try require(
            feedForward % panel == 0, "the feed-forward width is \(feedForward); it must be a multiple of \(panel)")
    }
}

extension ModelPlan {
    /// The first feature before or after the layers that the device cannot compute; nil if it can compute all.
    fileprivate var unsupportedFeature: String? {
        if embeddingScale != 1 { return "embeddings that are scaled by \(embeddingScale)" }
        if head.scale != 1 { return "logits that are scaled by \(head.scale)" }
        if let cap = head.softCap { return "logits with a soft cap of \(cap)" }
        if let feature = finalNorm.unsupportedFeature { return "a final \(feature)" }
        return nil
    }
}

extension LayerSpec {
    /// The first feature of the layer that the device cannot compute in a model with this first layer; nil if it can
    /// compute all.
    fileprivate func unsupportedFeature(after first: LayerSpec) -> String? {
        if isParallel { return "attention and feed-forward side by side" }
        if residualScale != 1 { return "branches that are scaled by \(residualScale)" }
        if let feature = attention.unsupportedFeature ?? feedForward.unsupportedFeature { return feature }
        for (branch, norms) in [("attention", attentionNorms), ("the feed-forward", feedForwardNorms)] {
            if norms.after != nil { return "a norm after \(branch)" }
            guard let norm = norms.before else { return "no norm before \(branch)" }
            if let feature = norm.unsupportedFeature { return "a \(feature) before \(branch)" }
        }
        if attention.heads != first.attention.heads || attention.kvHeads != first.attention.kvHeads
            || attention.headDim != first.attention.headDim
        {
            return "other heads than in layer 0"
        }
        if attention.rotation != first.attention.rotation { return "another rotation than in layer 0" }
        if feedForward.width != first.feedForward.width { return "a feed-forward of another width than in layer 0" }
        return nil
    }
}

extension NormSpec {
    fileprivate var unsupportedFeature: String? {
        if kind == .mean { return "norm that subtracts the mean" }
        return hasBias ? "norm with a bias" : nil
    }
}

extension AttentionSpec {
    fileprivate var unsupportedFeature: String? {
        if let window { return "an attention window of \(window) tokens" }
        if let softCap { return "attention scores with a soft cap of \(softCap)" }
        if hasSinks { return "attention sinks" }
        if hasOutputBias { return "a bias of the attention's output" }
        if queryKeyNorm?.extent == .row { return "a norm of queries and keys over whole rows" }
        guard let rotation else { return "attention without rotation" }
        if let yarn = rotation.yarn { return "YaRN scaling by \(yarn.factor)" }
        if rotation.longRope != nil { return "LongRoPE scaling" }
        if rotation.magnitude != 1 { return "a rotation of magnitude \(rotation.magnitude)" }
        return nil
    }
}

extension FeedForwardSpec {
    /// Columns of a dense feed-forward; nil with experts.
    fileprivate var width: Int? {
        guard case .dense(let block) = self else { return nil }
        return block.width
    }

    fileprivate var unsupportedFeature: String? {
        switch self {
        case .experts(let experts): return "a mixture of \(experts.count) experts"
        case .dense(let block):
            if !block.isGated { return "a feed-forward without a gate" }
            if block.hasBias { return "biases of the feed-forward" }
            return block.activation == .silu ? nil : "the activation \(block.activation.rawValue)"
        }
    }
}
