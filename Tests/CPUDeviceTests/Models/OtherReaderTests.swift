import CPUDevice
import ModelFiles
import ModelPlans
import Testing
import TinyModels

/// Families and the device know no format: what a reader of other names and another order of rows gives them, they compute.
@Suite("A checkpoint of another format")
struct OtherReaderTests {
    private func logits(_ checkpoint: any Checkpoint) throws -> [Float] {
        let evaluator = try LogitsEvaluator(checkpoint, precision: .f32, longest: 80)
        var out: [Float] = []
        try evaluator.evaluate(LogitsEvaluatorTests.tokens) { out += $0 }
        return out
    }

    @Test("gives the same logits under other names", arguments: ["qwen2", "qwen3"])
    func names(family: String) throws {
        var recipe = TinyModel()
        recipe.family = family
        let original = try recipe.checkpoint()
        let folder = try FolderCheckpoint(original, headDim: 16)
        #expect(folder.tensors.map(\.name).contains("model.layers.3.self_attn.q_proj.weight"))
        #expect(try ModelPlan(folder) == ModelPlan(original))
        #expect(try logits(folder).bits == logits(original).bits)
    }

    @Test("turns Llama's rows in halves, where GGUF turns neighbours")
    func rotation() throws {
        let original = try TinyModel().checkpoint()
        let folder = try FolderCheckpoint(original, headDim: 16)
        #expect(try ModelPlan(folder).layers[0].attention.rotation?.pairing == .halves)
        let (ours, theirs) = (try logits(original), try logits(folder))
        let size = ours.map(abs).max()!
        // Scores are summed in another order.
        #expect(zip(ours, theirs).allSatisfy { abs($0 - $1) < 1e-3 * size })
        // The rows in one order, turned as if they stood in the other, give something else.
        var wrong = try ModelPlan(folder)
        for index in wrong.layers.indices { wrong.layers[index].attention.rotation?.pairing = .interleaved }
        let device = try CPUDevice(folder, plan: wrong)
        #expect(try answer(device) != answer(CPUDevice(original)))
        #expect(try answer(CPUDevice(folder)) == answer(CPUDevice(original)))
    }

    private func answer(_ device: CPUDevice) throws -> [Int32] {
        let stages = try TinyStages(on: device)
        var sequence = TinySequence(request: 0, prompt: LogitsEvaluatorTests.tokens, blocks: Array(0..<6))
        while sequence.answer.count < 10 { sequence.accept(try stages.execute([sequence.slice()])[0]) }
        return sequence.answer
    }

    @Test("is refused by the names of its own format")
    func refused() throws {
        var builder = TinyModel().builder
        builder["llama.context_length"] = nil
        let folder = try FolderCheckpoint(builder.checkpoint(), headDim: 16)
        let error = #expect(throws: ModelFileError.self) { try ModelPlan(folder) }
        #expect(error?.message.contains("max_position_embeddings") == true)
    }
}
