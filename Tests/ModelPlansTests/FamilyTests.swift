import ModelFiles
import ModelPlans
import Testing
import TinyModels

@Suite("Plans of checkpoints, by their family")
struct FamilyTests {
    /// The plan of a changed tiny model.
    private func plan(_ change: (inout GGUFBuilder) -> Void) throws -> ModelPlan {
        var builder = TinyModel().builder
        change(&builder)
        return try ModelPlan(builder.checkpoint())
    }

    private func expect(
        _ code: ModelPlanError.Code, _ parts: [String], sourceLocation: SourceLocation = #_sourceLocation,
        _ change: (inout GGUFBuilder) -> Void
    ) {
        let error = #expect(throws: ModelPlanError.self, sourceLocation: sourceLocation) { try plan(change) }
        #expect(error?.code == code, sourceLocation: sourceLocation)
        for part in parts {
            #expect(
                error?.message.contains(part) == true, "'\(error?.message ?? "")' lacks '\(part)'",
                sourceLocation: sourceLocation)
        }
    }

    @Test("the values of the file, in every layer", arguments: ["llama", "qwen2", "qwen3"])
    func values(family: String) throws {
        var recipe = TinyModel()
        recipe.family = family
        recipe.headDim = family == "qwen3" ? 24 : nil
        let plan = try ModelPlan(recipe.checkpoint())
        #expect((plan.architecture, plan.name) == (family, nil))
        #expect((plan.hidden, plan.vocabulary, plan.contextLength) == (64, 200, 512))
        #expect(
            plan.embeddingScale == 1 && plan.finalNorm == NormSpec(epsilon: 1e-5)
                && plan.head == HeadSpec(isTied: false))
        let headDim = family == "qwen3" ? 24 : 16
        let pairing = family == "llama" ? RotaryPairing.interleaved : .halves
        var attention = AttentionSpec(
            heads: 4, kvHeads: 2, headDim: headDim,
            rotation: RotarySpec(pairing: pairing, base: 10_000, dimensions: headDim))
        attention.hasInputBias = family == "qwen2"
        attention.queryKeyNorm = family == "qwen3" ? QueryKeyNorm(.head, epsilon: 1e-5) : nil
        #expect(attention.scale == (headDim == 16 ? 0.25 : 1 / Float(24).squareRoot()))
        let layer = LayerSpec(
            attention: attention, feedForward: .dense(FeedForwardBlock(width: 96)),
            attentionNorms: BranchNorms(before: NormSpec(epsilon: 1e-5)),
            feedForwardNorms: BranchNorms(before: NormSpec(epsilon: 1e-5)))
        #expect(plan.layers == [LayerSpec](repeating: layer, count: 4))
    }

    @Test("the author's name")
    func name() throws {
        #expect(try plan { $0["general.name"] = .string("Tiny") }.name == "Tiny")
    }

    @Test("without an output matrix the embedding is the head")
    func tied() throws {
        #expect(try plan { $0[tensor: "output.weight"] = nil }.head.isTied)
    }

    @Test("an unknown family is named, with those that are known")
    func family() {
        expect(.unknownFamily, ["'mamba'", "llama, qwen2, qwen3"]) { $0["general.architecture"] = .string("mamba") }
        #expect(throws: ModelFileError.self) { try plan { $0["general.architecture"] = nil } }
    }

    @Test("missing keys and the missing embedding are named")
    func missing() {
        for key in [
            "llama.block_count", "llama.embedding_length", "llama.feed_forward_length", "llama.attention.head_count",
            "llama.context_length", "llama.attention.layer_norm_rms_epsilon",
        ] {
            let error = #expect(throws: ModelFileError.self) { try plan { $0[key] = nil } }
            #expect(error?.code == .missingKey && error?.message.contains(key) == true)
        }
        let error = #expect(throws: ModelFileError.self) { try plan { $0[tensor: "token_embd.weight"] = nil } }
        #expect(error?.code == .missingTensor && error?.message.contains("token_embd.weight") == true)
    }

    @Test("sizes that no model has are refused with their limits")
    func sizes() {
        expect(.badConfiguration, ["4 query heads", "3 key/value heads"]) {
            $0["llama.attention.head_count_kv"] = .integer(3)
        }
        expect(.badConfiguration, ["llama.attention.value_length", "32", "16"]) {
            $0["llama.attention.value_length"] = .integer(32)
        }
        expect(.badConfiguration, ["llama.attention.head_count_kv", "8", "1...4"]) {
            $0["llama.attention.head_count_kv"] = .integer(8)
        }
        for key in ["block_count", "embedding_length", "attention.head_count", "context_length"] {
            expect(.badConfiguration, ["llama.\(key)", "is 0", "1..."]) { $0["llama.\(key)"] = .integer(0) }
            expect(.badConfiguration, ["llama.\(key)", "4294967295"]) { $0["llama.\(key)"] = .integer(.max) }
        }
        for epsilon: Float in [-1, 1, .nan, .infinity] {
            expect(.badConfiguration, ["epsilon", "\(epsilon)"]) {
                $0["llama.attention.layer_norm_rms_epsilon"] = .float(epsilon)
            }
        }
        expect(.badTensor, ["token_embd.weight", "3 dimensions", "2"]) {
            $0[tensor: "token_embd.weight"] = .init(shape: [64, 20, 10], floats: .init(repeating: 0, count: 12_800))
        }
    }

    @Test("more heads than dimensions")
    func headsOverDimensions() {
        expect(.badConfiguration, ["0"]) {
            $0["llama.attention.head_count"] = .integer(65)
            $0["llama.attention.head_count_kv"] = .integer(1)
        }
    }

    @Test("hyperparameters that the family does not take into account are refused")
    func unsupported() {
        expect(.unsupportedFeature, ["llama.expert_count", "8"]) { $0["llama.expert_count"] = .integer(8) }
        expect(.unsupportedFeature, ["sliding_window", "4096"]) {
            $0["llama.attention.sliding_window"] = .integer(4096)
        }
        #expect(throws: Never.self) { try plan { $0["llama.expert_count"] = .integer(0) } }
    }
}
