import Inference
import TestTools
import TinyModels

/// A small random model with a tokenizer: one token a byte, one merge, three special tokens.
enum TinyText {
    static let vocabulary = 260
    /// Long enough for answers that take seconds, to be cancelled or shut down under way.
    static let contextLength = 1 << 15
    static let longAnswer = 20_000
    static let endOfText: Int32 = 257

    /// Writes the model into a folder, and opens it.
    static func model() throws -> TextModel {
        var recipe = TinyModel()
        (recipe.vocabulary, recipe.contextLength) = (vocabulary, contextLength)
        var file = recipe.builder
        file["tokenizer.ggml.model"] = .string("gpt2")
        file["tokenizer.ggml.pre"] = .string("smollm")
        let special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
        file["tokenizer.ggml.tokens"] = .strings(bytes + ["th"] + special)
        file["tokenizer.ggml.token_type"] = .integers([Int32](repeating: 1, count: 257) + [3, 3, 3])
        file["tokenizer.ggml.merges"] = .strings(["t h"])
        file["tokenizer.ggml.eos_token_id"] = .integer(UInt32(endOfText))
        file["tokenizer.chat_template"] = .string(
            "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' }}"
                + "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")
        let folder = try TemporaryFolder()
        // The file is mapped: it stays readable when the folder is gone.
        return try withExtendedLifetime(folder) {
            try TextModel(path: folder.write("tiny.gguf", file.bytes))
        }
    }

    /// The printable character that stands for each byte.
    private static var bytes: [String] {
        let printable = Set(0x21..<0x7F).union(0xA1..<0xAD).union(0xAE..<0x100)
        var substitute: UInt32 = 0x100
        return (0..<256).map { byte in
            if printable.contains(byte) { return String(UnicodeScalar(UInt8(byte))) }
            defer { substitute += 1 }
            return String(UnicodeScalar(substitute)!)
        }
    }
}
