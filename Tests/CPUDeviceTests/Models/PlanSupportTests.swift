import CPUDevice
import ModelFiles
import ModelPlans
import Testing
import TinyModels

@Suite("Plans that the CPU device computes, and those that it refuses")
struct PlanSupportTests {
    /// A feature that no layer here computes, and how the refusal calls it.
    struct Feature: Sendable, CustomStringConvertible {
        let description: String
        let change: @Sendable (inout LayerSpec) -> Void
    }

    static let features = [
        Feature(description: "an attention window of 128 tokens") { $0.attention.window = 128 },
        Feature(description: "attention scores with a soft cap of 50.0") { $0.attention.softCap = 50 },
        Feature(description: "attention sinks") { $0.attention.hasSinks = true },
        Feature(description: "a bias of the attention's output") { $0.attention.hasOutputBias = true },
        Feature(description: "a norm of queries and keys over whole rows") {
            $0.attention.queryKeyNorm = QueryKeyNorm(.row, epsilon: 1e-5)
        },
        Feature(description: "attention without rotation") { $0.attention.rotation = nil },
        Feature(description: "another rotation than in layer 0") { $0.attention.rotation?.base = 5e5 },
        Feature(description: "YaRN scaling by 32.0") {
            $0.attention.rotation?.yarn = YaRNScaling(factor: 32, originalContext: 4096)
        },
        Feature(description: "LongRoPE scaling") {
            $0.attention.rotation?.longRope = LongRopeScaling(
                shortFactors: [1, 1], longFactors: [1, 2], originalContext: 4096)
        },
        Feature(description: "a rotation of magnitude 1.5") { $0.attention.rotation?.magnitude = 1.5 },
        Feature(description: "other heads than in layer 0") { $0.attention.kvHeads = 1 },
        Feature(description: "a norm after attention") { $0.attentionNorms.after = NormSpec(epsilon: 1e-5) },
        Feature(description: "a norm after the feed-forward") { $0.feedForwardNorms.after = NormSpec(epsilon: 1e-5) },
        Feature(description: "no norm before attention") { $0.attentionNorms.before = nil },
        Feature(description: "a norm that subtracts the mean before attention") {
            $0.attentionNorms.before = NormSpec(.mean, epsilon: 1e-5)
        },
        Feature(description: "a norm with a bias before the feed-forward") {
            $0.feedForwardNorms.before?.hasBias = true
        },
        Feature(description: "branches that are scaled by 0.22") { $0.residualScale = 0.22 },
        Feature(description: "attention and feed-forward side by side") { $0.isParallel = true },
        Feature(description: "a feed-forward without a gate") { $0.change { $0.isGated = false } },
        Feature(description: "biases of the feed-forward") { $0.change { $0.hasBias = true } },
        Feature(description: "the activation gelu-tanh") { $0.change { $0.activation = .geluTanh } },
        Feature(description: "a feed-forward of another width than in layer 0") { $0.change { $0.width = 32 } },
        Feature(description: "a mixture of 8 experts") {
            $0.feedForward = .experts(
                ExpertsSpec(
                    count: 8, used: 2, expert: FeedForwardBlock(width: 96),
                    router: RouterSpec(.softmax, normalises: true)))
        },
    ]

    private func expect(
        _ parts: [String], sourceLocation: SourceLocation = #_sourceLocation, _ change: (inout ModelPlan) -> Void
    ) throws {
        let checkpoint = try TinyModel().checkpoint()
        var plan = try ModelPlan(checkpoint)
        try CPUDevice.requireSupport(of: plan)
        change(&plan)
        let error = #expect(throws: DeviceError.self, sourceLocation: sourceLocation) {
            try CPUDevice(checkpoint, plan: plan)
        }
        #expect(error?.code == .unsupportedFeature, sourceLocation: sourceLocation)
        for part in parts {
            #expect(
                error?.message.contains(part) == true, "'\(error?.message ?? "")' lacks '\(part)'",
                sourceLocation: sourceLocation)
        }
    }

    @Test("a feature of one layer is refused, with its name and the layer's", arguments: features)
    func layers(feature: Feature) throws {
        try expect(["layer 2: \(feature)"]) { feature.change(&$0.layers[2]) }
    }

    @Test("what stands before and after the layers")
    func ends() throws {
        try expect(["embeddings that are scaled by 8.0"]) { $0.embeddingScale = 8 }
        try expect(["logits that are scaled by 0.5"]) { $0.head.scale = 0.5 }
        try expect(["logits with a soft cap of 30.0"]) { $0.head.softCap = 30 }
        try expect(["a final norm that subtracts the mean"]) { $0.finalNorm.kind = .mean }
    }

    @Test("a plan like Gemma 3's is refused at its first layer")
    func gemma() throws {
        try expect(["layer 0: an attention window of 512 tokens"]) { plan in
            for index in plan.layers.indices {
                plan.layers[index].attention.window = index % 6 < 5 ? 512 : nil
                plan.layers[index].attention.queryKeyNorm = QueryKeyNorm(.head, epsilon: 1e-6)
                plan.layers[index].attentionNorms.after = NormSpec(epsilon: 1e-6)
                plan.layers[index].feedForwardNorms.after = NormSpec(epsilon: 1e-6)
                plan.layers[index].change { $0.activation = .geluTanh }
            }
        }
    }

    @Test("a plan without layers is refused")
    func empty() throws {
        var plan = try ModelPlan(TinyModel().checkpoint())
        plan.layers = []
        #expect(throws: DeviceError.self) { try CPUDevice.requireSupport(of: plan) }
    }

    /// Twice the scale is twice the queries, to the bit.
    @Test("the plan's scale multiplies the scores")
    func scale() throws {
        var recipe = TinyModel()
        recipe.types = [.f32]
        var builder = recipe.builder
        var plan = try ModelPlan(builder.checkpoint())
        let plain = try answer(CPUDevice(builder.checkpoint(), plan: plan))
        for index in plan.layers.indices { plan.layers[index].attention.scale *= 2 }
        let scaled = try answer(CPUDevice(builder.checkpoint(), plan: plan))
        for layer in 0..<4 {
            let query = try builder.checkpoint().tensor(TensorRole(.query, layer: layer))
            builder[tensor: query.info.name] = .init(
                shape: query.info.shape, floats: Dequantize.floats(query).map { 2 * $0 })
        }
        #expect(try answer(CPUDevice(builder.checkpoint())) == scaled)
        #expect(plain != scaled)
    }

    private func answer(_ device: CPUDevice) throws -> [Int32] {
        let stages = try TinyStages(on: device)
        var sequence = TinySequence(request: 0, prompt: (0..<30).map { $0 * 7 % 200 }, blocks: Array(0..<6))
        while sequence.answer.count < 40 { sequence.accept(try stages.execute([sequence.slice()])[0]) }
        return sequence.answer
    }
}

extension LayerSpec {
    /// Changes a dense feed-forward.
    fileprivate mutating func change(_ change: (inout FeedForwardBlock) -> Void) {
        guard case .dense(var block) = feedForward else { return }
        change(&block)
        feedForward = .dense(block)
    }
}
