import CPUDevice
import ModelFiles
import ModelPlans
import StageDevices
import Testing
import TinyModels

@Suite("Models that do not fit their plan or the kernels")
struct ConfigurationTests {
    /// Loads all layers of a changed tiny model.
    private func load(family: String = "llama", _ change: (inout GGUFBuilder) -> Void) throws {
        var recipe = TinyModel()
        recipe.family = family
        recipe.layers = 2
        var builder = recipe.builder
        change(&builder)
        let device = try CPUDevice(builder.checkpoint())
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

    @Test("missing tensors are named")
    func missing() {
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
        expect(.badTensor, ["output.weight", "[64, 100]", "[64, 200]"]) {
            $0[tensor: "output.weight"] = .init(shape: [64, 100], floats: .init(repeating: 0, count: 6400))
        }
        expect(.badTensor, ["blk.1.attn_q_norm.weight", "8", "16"], family: "qwen3") {
            $0[tensor: "blk.1.attn_q_norm.weight"] = .init(shape: [8], floats: .init(repeating: 1, count: 8))
        }
    }

    @Test("sizes that the layers cannot compute with are refused with their limits")
    func sizes() {
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
    }

    @Test("a checkpoint with tensors that its family does not name is refused")
    func unknownTensors() throws {
        var builder = TinyModel().builder
        builder[tensor: "extra"] = .init(shape: [1], floats: [0])
        let checkpoint = try builder.checkpoint()
        #expect(throws: ModelPlanError.self) { try CPUDevice(checkpoint) }
        #expect(throws: ModelPlanError.self) { try LogitsEvaluator(checkpoint, precision: .int8, longest: 1) }
    }
}
