import ModelFiles
import ModelPlans
import Testing
import TinyModels

@Suite("The list of a plan's tensors")
struct TensorListTests {
    /// A checkpoint's tensors, by name.
    private func stored(_ checkpoint: any Checkpoint) -> [String: [Int]] {
        Dictionary(uniqueKeysWithValues: checkpoint.tensors.map { ($0.name, $0.shape) })
    }

    private func planned(_ plan: ModelPlan, _ checkpoint: any Checkpoint) -> [String: [Int]] {
        Dictionary(uniqueKeysWithValues: plan.tensors.map { (checkpoint.name(of: $0.role), $0.shape) })
    }

    @Test("is that of the file", arguments: ["llama", "qwen2", "qwen3"], [false, true])
    func equal(family: String, tied: Bool) throws {
        var recipe = TinyModel()
        recipe.family = family
        recipe.headDim = family == "qwen3" ? 24 : nil
        var builder = recipe.builder
        if tied { builder[tensor: "output.weight"] = nil }
        if family == "llama" {
            builder[tensor: "rope_freqs.weight"] = .init(shape: [8], floats: .init(repeating: 2, count: 8))
        }
        let checkpoint = try builder.checkpoint()
        let plan = try ModelPlan(checkpoint)
        #expect(planned(plan, checkpoint) == stored(checkpoint))
        #expect(throws: Never.self) { try plan.requireAllKnown(in: checkpoint) }
    }

    @Test("tensors that are not in it are counted and named")
    func unknown() throws {
        var builder = TinyModel().builder
        for name in ["blk.0.attn_q.bias", "blk.1.attn_q.bias"] {
            builder[tensor: name] = .init(shape: [64], floats: .init(repeating: 0, count: 64))
        }
        let checkpoint = try builder.checkpoint()
        let plan = try ModelPlan(checkpoint)
        let error = #expect(throws: ModelPlanError.self) { try plan.requireAllKnown(in: checkpoint) }
        #expect(error?.code == .unsupportedFeature)
        for part in ["2 tensors", "'llama'", "'blk.0.attn_q.bias'"] {
            #expect(error?.message.contains(part) == true, "'\(error?.message ?? "")' lacks '\(part)'")
        }
    }

    /// The names and shapes of layer 1 beyond those of a plain layer.
    private func added(_ change: (inout LayerSpec) -> Void) throws -> [String: [Int]] {
        let checkpoint = try TinyModel().checkpoint()
        var plan = try ModelPlan(checkpoint)
        let plain = planned(plan, checkpoint)
        change(&plan.layers[1])
        let changed = planned(plan, checkpoint)
        return changed.filter { plain[$0.key] != $0.value }
    }

    @Test("norms after the branches, sinks, and biases")
    func variants() throws {
        let tensors = try added {
            $0.attentionNorms.after = NormSpec(epsilon: 0)
            $0.feedForwardNorms.after = NormSpec(epsilon: 0)
            $0.attention.hasSinks = true
            $0.attention.hasOutputBias = true
            $0.attention.queryKeyNorm = QueryKeyNorm(.row, epsilon: 0)
        }
        let expected = [
            "post_attention_norm.weight": [64], "post_ffw_norm.weight": [64], "attn_sinks.weight": [4],
            "attn_output.bias": [64], "attn_q_norm.weight": [64], "attn_k_norm.weight": [32],
        ]
        #expect(tensors == Dictionary(uniqueKeysWithValues: expected.map { ("blk.1." + $0.key, $0.value) }))
    }

    @Test("experts, their router and a shared one")
    func experts() throws {
        let tensors = try added {
            var expert = FeedForwardBlock(width: 32)
            expert.hasBias = true
            var router = RouterSpec(.softmax, normalises: true)
            (router.hasBias, router.hasSelectionBias) = (true, true)
            var experts = ExpertsSpec(count: 8, used: 2, expert: expert, router: router)
            (experts.shared, experts.weighsShared) = (FeedForwardBlock(width: 48), true)
            $0.feedForward = .experts(experts)
        }
        let expected = [
            "ffn_gate_inp.weight": [64, 8], "ffn_gate_inp.bias": [8], "exp_probs_b.bias": [8],
            "ffn_gate_exps.weight": [64, 32, 8], "ffn_gate_exps.bias": [32, 8], "ffn_up_exps.weight": [64, 32, 8],
            "ffn_up_exps.bias": [32, 8], "ffn_down_exps.weight": [32, 64, 8], "ffn_down_exps.bias": [64, 8],
            "ffn_gate_inp_shexp.weight": [64], "ffn_gate_shexp.weight": [64, 48], "ffn_up_shexp.weight": [64, 48],
            "ffn_down_shexp.weight": [48, 64],
        ]
        #expect(tensors == Dictionary(uniqueKeysWithValues: expected.map { ("blk.1." + $0.key, $0.value) }))
    }

    @Test("every tensor has a name of its own")
    func names() throws {
        let checkpoint = try TinyModel().checkpoint()
        let names = TensorRole.Part.allCases.map { checkpoint.name(of: TensorRole($0, layer: $0.isOfLayer ? 3 : nil)) }
        #expect(Set(names).count == names.count)
        #expect(Set(Hyperparameter.allCases.map { checkpoint.key(of: $0) }).count == Hyperparameter.allCases.count)
    }
}
