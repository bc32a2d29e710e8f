import ModelFiles

/// A tensor that a plan needs.
package struct TensorSpec: Sendable, Hashable {
    package let role: TensorRole
    /// Sizes as `TensorInfo.shape` has them: the row length, which is the width of the input, comes first.
    package let shape: [Int]
}

extension ModelPlan {
    /// All tensors of the model, each once, in the order in which a step reads them; the rotary factors, whose values
    /// the plan holds already, come last. No tensor of the list is optional: a tensor that some checkpoints lack is not
    /// in the plans of those checkpoints.
    package var tensors: [TensorSpec] {
        var list = [TensorSpec(role: TensorRole(.tokenEmbedding), shape: [hidden, vocabulary])]
        for (index, layer) in layers.enumerated() {
            var parts = LayerTensors(layer: index, hidden: hidden)
            parts.add(layer)
            list += parts.list
        }
        list.append(TensorSpec(role: TensorRole(.finalNorm), shape: [hidden]))
        if finalNorm.hasBias { list.append(TensorSpec(role: TensorRole(.finalNorm, .bias), shape: [hidden])) }
        if !head.isTied { list.append(TensorSpec(role: TensorRole(.outputHead), shape: [hidden, vocabulary])) }
        if let factors = layers.lazy.compactMap(\.attention.rotation?.frequencyFactors).first(where: { !$0.isEmpty }) {
            list.append(TensorSpec(role: TensorRole(.rotaryFactors), shape: [factors.count]))
        }
        return list
    }

    /// Refuses a checkpoint with tensors that the plan does not name: ignoring such tensors would change the answers
    /// silently.
    package func requireAllKnown(in checkpoint: any Checkpoint) throws(ModelPlanError) {
        let known = Set(tensors.map { checkpoint.name(of: $0.role) })
        let unknown = checkpoint.tensors.map(\.name).filter { !known.contains($0) }
        guard let first = unknown.first else { return }
        throw ModelPlanError(
            .unsupportedFeature,
            "\(unknown.count) tensors are not used by model family '\(architecture)', the first is '\(first)'")
    }
}

/// Lists the tensors of one layer.
private struct LayerTensors {
    let layer: Int
    let hidden: Int
    private(set) var list: [TensorSpec] = []

    init(layer: Int, hidden: Int) {
        self.layer = layer
        self.hidden = hidden
    }

    mutating func add(_ spec: LayerSpec) {
        add(spec.attentionNorms.before, .attentionNorm)
        add(spec.attention)
        add(spec.attentionNorms.after, .postAttentionNorm)
        add(spec.feedForwardNorms.before, .feedForwardNorm)
        switch spec.feedForward {
        case .dense(let block): add(block, gate: .gate, up: .up, down: .down)
        case .experts(let experts): add(experts)
        }
        add(spec.feedForwardNorms.after, .postFeedForwardNorm)
    }

    private mutating func put(_ part: TensorRole.Part, _ shape: [Int], _ kind: TensorRole.Kind = .weight) {
        list.append(TensorSpec(role: TensorRole(part, kind, layer: layer), shape: shape))
    }

    private mutating func add(_ norm: NormSpec?, _ part: TensorRole.Part) {
        guard let norm else { return }
        put(part, [hidden])
        if norm.hasBias { put(part, [hidden], .bias) }
    }

    private mutating func add(_ attention: AttentionSpec) {
        let widths = [
            (TensorRole.Part.query, attention.queryWidth), (.key, attention.kvWidth), (.value, attention.kvWidth),
        ]
        for (part, width) in widths { put(part, [hidden, width]) }
        if attention.hasInputBias { for (part, width) in widths { put(part, [width], .bias) } }
        if let norm = attention.queryKeyNorm {
            put(.queryNorm, [norm.extent == .head ? attention.headDim : attention.queryWidth])
            put(.keyNorm, [norm.extent == .head ? attention.headDim : attention.kvWidth])
        }
        if attention.hasSinks { put(.attentionSinks, [attention.heads]) }
        put(.attentionOutput, [attention.queryWidth, hidden])
        if attention.hasOutputBias { put(.attentionOutput, [hidden], .bias) }
    }

    /// - Parameter experts: the number of blocks that lie one after the other in each tensor; empty for a single block.
    private mutating func add(
        _ block: FeedForwardBlock, gate: TensorRole.Part, up: TensorRole.Part, down: TensorRole.Part,
        experts: [Int] = []
    ) {
        for part in block.isGated ? [gate, up] : [up] {
            put(part, [hidden, block.width] + experts)
            if block.hasBias { put(part, [block.width] + experts, .bias) }
        }
        put(down, [block.width, hidden] + experts)
        if block.hasBias { put(down, [hidden] + experts, .bias) }
    }

    private mutating func add(_ experts: ExpertsSpec) {
        put(.router, [hidden, experts.count])
        if experts.router.hasBias { put(.router, [experts.count], .bias) }
        if experts.router.hasSelectionBias { put(.routerSelection, [experts.count], .bias) }
        add(experts.expert, gate: .expertGates, up: .expertUps, down: .expertDowns, experts: [experts.count])
        guard let shared = experts.shared else { return }
        if experts.weighsShared { put(.sharedRouter, [hidden]) }
        add(shared, gate: .sharedGate, up: .sharedUp, down: .sharedDown)
    }
}
