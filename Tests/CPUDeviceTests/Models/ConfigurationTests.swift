import CPUDevice
import ModelFiles
import StageDevices
import Testing
import TinyModels

@Suite("Model configuration")
struct ConfigurationTests {
    /// The configuration, or the load of all layers, of a changed tiny model.
    private func load(family: String = "llama", _ change: (inout GGUFBuilder) -> Void) throws {
        var recipe = TinyModel()
        recipe.family = family
        recipe.layers = 2
        var builder = recipe.builder
        change(&builder)
        let device = try CPUDevice(builder.file())
        let whole = LayerRange.whole(layers: 2, vocabulary: 200)
        _ = try device.load([whole], blocks: 2)
    }

    private func expect(
        _ code: DeviceError.Code, _ parts: [String], family: String = "llama",
        sourceLocation: SourceLocation = #_sourceLocation, _ change: (inout GGUFBuilder) -> Void
    ) {
        let error = #expect(throws: DeviceError.self, sourceLocation: sourceLocation) {
            try load(family: family, change)
        }
        #expect(error?.code == code, sourceLocation: sourceLocation)
        for part in parts {
            #expect(
                error?.message.contains(part) == true, "'\(error?.message ?? "")' lacks '\(part)'",
                sourceLocation: sourceLocation)
        }
    }

    @Test("the values of the file", arguments: ["llama", "qwen2", "qwen3"])
    func values(family: String) throws {
        var recipe = TinyModel()
        recipe.family = family
        recipe.headDim = family == "qwen3" ? 24 : nil
        let model = try ModelConfiguration(recipe.file())
        #expect(model.architecture == family)
        #expect((model.layers, model.hidden, model.feedForward) == (4, 64, 96))
        #expect((model.heads, model.kvHeads, model.group) == (4, 2, 2))
        #expect(model.headDim == (family == "qwen3" ? 24 : 16))
        #expect((model.vocabulary, model.contextLength) == (200, 512))
        #expect(model.rotation == (family == "llama" ? .interleaved : .halves))
        #expect((model.hasAttentionBias, model.hasQueryKeyNorm) == (family == "qwen2", family == "qwen3"))
        #expect(model.rope.dimensions == model.headDim && model.rope.base == 10_000)
        #expect(model.rope.linearFactor == 1 && model.rope.frequencyFactors.isEmpty)
        #expect(!model.hasTiedHead)
    }

    @Test("without an output matrix the embedding is the head")
    func tied() throws {
        var builder = TinyModel().builder
        builder[tensor: "output.weight"] = nil
        #expect(try ModelConfiguration(builder.file()).hasTiedHead)
        try load { $0[tensor: "output.weight"] = nil }
    }

    @Test("an unknown family is named, with those that are known")
    func family() {
        expect(.unknownFamily, ["'mamba'", "llama", "qwen2", "qwen3"]) { $0["general.architecture"] = .string("mamba") }
        #expect(throws: ModelFileError.self) { try load { $0["general.architecture"] = nil } }
    }

    @Test("missing keys and tensors are named")
    func missing() {
        for key in [
            "llama.block_count", "llama.embedding_length", "llama.feed_forward_length", "llama.attention.head_count",
            "llama.context_length", "llama.attention.layer_norm_rms_epsilon",
        ] {
            let error = #expect(throws: ModelFileError.self) { try load { $0[key] = nil } }
            #expect(error?.message.contains(key) == true)
        }
        for name in ["token_embd.weight", "output_norm.weight", "blk.1.attn_k.weight", "blk.0.ffn_down.weight"] {
            let error = #expect(throws: ModelFileError.self) { try load { $0[tensor: name] = nil } }
            #expect(error?.message.contains(name) == true)
        }
    }

    @Test("tensors of another shape are refused with both shapes")
    func shapes() {
        expect(.badTensor, ["blk.1.ffn_up.weight", "[64, 95]", "[64, 96]"]) {
            $0[tensor: "blk.1.ffn_up.weight"] = .init(shape: [64, 95], floats: .init(repeating: 0, count: 64 * 95))
        }
        expect(.badTensor, ["blk.0.attn_norm.weight", "63", "64"]) {
            $0[tensor: "blk.0.attn_norm.weight"] = .init(shape: [63], floats: .init(repeating: 0, count: 63))
        }
        expect(.badTensor, ["token_embd.weight", "3 dimensions", "2"]) {
            $0[tensor: "token_embd.weight"] = .init(shape: [64, 20, 10], floats: .init(repeating: 0, count: 12_800))
        }
        expect(.badTensor, ["output.weight", "[64, 100]", "[64, 200]"]) {
            $0[tensor: "output.weight"] = .init(shape: [64, 100], floats: .init(repeating: 0, count: 6400))
        }
        expect(.badTensor, ["blk.1.attn_q_norm.weight", "8", "16"], family: "qwen3") {
            $0[tensor: "blk.1.attn_q_norm.weight"] = .init(shape: [8], floats: .init(repeating: 1, count: 8))
        }
    }

    @Test("sizes that the layers cannot compute with are refused with their limits")
    func sizes() {
        expect(.badConfiguration, ["4 query heads", "3 key/value heads"]) {
            $0["llama.attention.head_count_kv"] = .integer(3)
        }
        expect(.badConfiguration, ["12", "multiple of 8"]) { $0["llama.attention.key_length"] = .integer(12) }
        for width: UInt32 in [60, 72] {
            expect(.badConfiguration, ["hidden", "\(width)", "multiple of 16"]) {
                $0["llama.embedding_length"] = .integer(width)
                $0["llama.attention.key_length"] = .integer(16)
            }
        }
        for width: UInt32 in [100, 104] {
            expect(.badConfiguration, ["feed-forward", "\(width)", "multiple of 16"]) {
                $0["llama.feed_forward_length"] = .integer(width)
            }
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
    }

    @Test("more heads than dimensions")
    func headsOverDimensions() {
        expect(.badConfiguration, ["0"]) {
            $0["llama.attention.head_count"] = .integer(65)
            $0["llama.attention.head_count_kv"] = .integer(1)
        }
    }

    @Test("features that would change the answers are refused")
    func unsupported() {
        expect(.unsupportedFeature, ["llama.expert_count", "8"]) { $0["llama.expert_count"] = .integer(8) }
        expect(.unsupportedFeature, ["sliding_window", "4096"]) {
            $0["llama.attention.sliding_window"] = .integer(4096)
        }
        #expect(throws: Never.self) { try load { $0["llama.expert_count"] = .integer(0) } }
        expect(.unsupportedFeature, ["2 tensors", "'llama'", "blk.0.attn_q.bias"]) {
            for name in ["blk.0.attn_q.bias", "blk.1.attn_q.bias"] {
                $0[tensor: name] = .init(shape: [64], floats: .init(repeating: 0, count: 64))
            }
        }
        var builder = TinyModel().builder
        builder[tensor: "extra"] = .init(shape: [1], floats: [0])
        #expect(throws: DeviceError.self) {
            try LogitsEvaluator(builder.file(), precision: .int8, longest: 1)
        }
    }
}
