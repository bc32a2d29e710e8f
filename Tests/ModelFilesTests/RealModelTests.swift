import Foundation
import ModelFiles
import Testing

/// The path of SmolLM2-135M-Instruct.Q4_1.gguf, from the environment.
private let realModel = ProcessInfo.processInfo.environment["TIDEWAY_TEST_MODEL"]

@Suite("SmolLM2", .enabled(if: realModel != nil, "TIDEWAY_TEST_MODEL does not name a model file"))
struct RealModelTests {
    @Test("tensors and vocabulary are as published")
    func facts() throws {
        let file = try GGUFFile(path: #require(realModel))
        #expect(file.tensors.count == 272)
        #expect(file.tensors.count { $0.type == .q4_1 } == 210)
        #expect(file.tensors.count { $0.type == .f32 } == 61)
        #expect(file.tensors.count { $0.type == .q8_0 } == 1)
        #expect(try file.metadata.requiredString("general.architecture") == "llama")
        let vocabulary = try file.vocabulary()
        #expect(vocabulary.model == "gpt2")
        #expect(vocabulary.tokens.count == 49_152)
        #expect(vocabulary.tokenTypes?.count == 49_152)
        #expect(vocabulary.merges?.count == 48_900)
        let end = try #require(vocabulary.endOfSequence)
        #expect(vocabulary.tokens.text(at: Int(end)) == "<|im_end|>")
    }

    @Test("weights are finite")
    func weights() throws {
        let file = try GGUFFile(path: #require(realModel))
        let embedding = try file.tensor(named: "token_embd.weight")
        #expect(embedding.info.shape == [576, 49_152])
        #expect(try Dequantize.floats(embedding, rows: 1000..<1010).allSatisfy(\.isFinite))
        #expect(Dequantize.floats(try file.tensor(named: "blk.0.attn_q.weight")).allSatisfy(\.isFinite))
    }
}
