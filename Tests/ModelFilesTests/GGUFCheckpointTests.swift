import ModelFiles
import TestTools
import Testing

@Suite("GGUF files as checkpoints")
struct GGUFCheckpointTests {
    private func checkpoint(_ change: (inout GGUFWriter) -> Void = { _ in }) throws -> GGUFCheckpoint {
        var writer = GGUFWriter()
        writer.add("general.architecture", string: "llama")
        writer.add("llama.block_count", uint32: 7)
        writer.add("llama.rope.scaling.type", string: "linear")
        change(&writer)
        return GGUFCheckpoint(try GGUFFile(bytes: writer.bytes))
    }

    @Test("hyperparameters stand under the architecture's name")
    func hyperparameters() throws {
        let checkpoint = try checkpoint()
        #expect(try checkpoint.architecture() == "llama")
        #expect(checkpoint.key(of: .layers) == "llama.block_count")
        #expect(try checkpoint.integer(.layers) == 7 && checkpoint.requiredInteger(.layers) == 7)
        #expect(try checkpoint.string(.rotaryScaling) == "linear")
        #expect(try checkpoint.integer(.heads) == nil && checkpoint.float(.rotaryBase) == nil)
        #expect(try checkpoint.name() == nil && checkpoint.chatTemplate() == nil)
    }

    @Test("what is missing or of another type is named")
    func errors() throws {
        let checkpoint = try checkpoint()
        let missing = #expect(throws: ModelFileError.self) { try checkpoint.requiredInteger(.heads) }
        #expect(missing?.code == .missingKey)
        #expect(missing?.message == "metadata key \"llama.attention.head_count\" is missing")
        let number = #expect(throws: ModelFileError.self) { try checkpoint.requiredFloat(.rmsEpsilon) }
        #expect(number?.code == .missingKey)
        let type = #expect(throws: ModelFileError.self) { try checkpoint.float(.layers) }
        #expect(type?.code == .wrongElementType && type?.message.contains("llama.block_count") == true)
        let tensor = #expect(throws: ModelFileError.self) {
            try checkpoint.tensor(TensorRole(.query, .bias, layer: 12))
        }
        #expect(tensor?.message == "tensor \"blk.12.attn_q.bias\" is missing")
    }

    @Test("a file that names no architecture says so when it is asked")
    func noArchitecture() throws {
        let checkpoint = GGUFCheckpoint(try GGUFFile(bytes: GGUFWriter().bytes))
        let error = #expect(throws: ModelFileError.self) { try checkpoint.architecture() }
        #expect(error?.code == .missingKey)
    }

    @Test("tensors by role, and those that the converter permutes")
    func tensors() throws {
        let file = try GGUFFile(bytes: GGUFWriter.valid.bytes)
        let checkpoint = GGUFCheckpoint(file)
        #expect(checkpoint.tensors == file.tensors)
        #expect(checkpoint.name(of: TensorRole(.tokenEmbedding)) == "token_embd.weight")
        #expect(checkpoint.tensor(ifPresent: TensorRole(.tokenEmbedding)) == nil)
        #expect(checkpoint.fingerprint == ModelFingerprint.of(file))
        #expect(checkpoint.rotaryPairing == .interleaved)
        for family in ["qwen2", "qwen3"] {
            var writer = GGUFWriter()
            writer.add("general.architecture", string: family)
            #expect(GGUFCheckpoint(try GGUFFile(bytes: writer.bytes)).rotaryPairing == .halves)
        }
    }
}
