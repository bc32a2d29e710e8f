import ModelFiles

extension GGUFDamageTests {
    static let vocabularies: [Damage] = [
        Damage("no tokens key", .missingKey, "tokenizer.ggml.tokens", bytes: with("tokenizer.ggml.tokens") { _ in }),
        Damage("no model key", .missingKey, "tokenizer.ggml.model", bytes: with("tokenizer.ggml.model") { _ in }),
        Damage(
            "empty vocabulary", .badVocabulary, "tokenizer.ggml.tokens", "0 tokens",
            bytes: with("tokenizer.ggml.tokens") { $0.add("tokenizer.ggml.tokens", strings: []) }),
        Damage(
            "tokens as numbers", .wrongElementType, "tokenizer.ggml.tokens", "array of 4 int32", "strings",
            bytes: with("tokenizer.ggml.tokens") { $0.add("tokenizer.ggml.tokens", int32s: [1, 2, 3, 4]) }),
        Damage(
            "tokens as one string", .wrongElementType, "tokenizer.ggml.tokens", "string",
            bytes: with("tokenizer.ggml.tokens") { $0.add("tokenizer.ggml.tokens", string: "abc") }),
        Damage(
            "fewer token types than tokens", .badVocabulary, "tokenizer.ggml.token_type", "3 elements", "4 tokens",
            bytes: with("tokenizer.ggml.token_type") { $0.add("tokenizer.ggml.token_type", int32s: [1, 1, 1]) }),
        Damage(
            "token types as floats", .wrongElementType, "tokenizer.ggml.token_type", "float32",
            bytes: with("tokenizer.ggml.token_type") { $0.add("tokenizer.ggml.token_type", floats: [1, 1, 1, 1]) }),
        Damage(
            "negative token type", .badVocabulary, "element 2 of \"tokenizer.ggml.token_type\"", "-7",
            bytes: with("tokenizer.ggml.token_type") { $0.add("tokenizer.ggml.token_type", int32s: [1, 1, -7, 1]) }),
        Damage(
            "more scores than tokens", .badVocabulary, "tokenizer.ggml.scores", "5 elements",
            bytes: with("tokenizer.ggml.scores") { $0.add("tokenizer.ggml.scores", floats: [0, 0, 0, 0, 0]) }),
        Damage(
            "scores as integers", .wrongElementType, "tokenizer.ggml.scores", "int32",
            bytes: with("tokenizer.ggml.scores") { $0.add("tokenizer.ggml.scores", int32s: [0, 0, 0, 0]) }),
        Damage(
            "score that is no number", .badVocabulary, "element 1 of \"tokenizer.ggml.scores\"",
            bytes: with("tokenizer.ggml.scores") { $0.add("tokenizer.ggml.scores", floats: [0, .nan, 0, 0]) }),
        Damage("no merges", .missingKey, "tokenizer.ggml.merges", bytes: with("tokenizer.ggml.merges") { _ in }),
        Damage(
            "merge without a space", .badVocabulary, "element 1 of \"tokenizer.ggml.merges\"", "\"ab\"",
            bytes: with("tokenizer.ggml.merges") { $0.add("tokenizer.ggml.merges", strings: ["a b", "ab"]) }),
        Damage(
            "merge with an empty half", .badVocabulary, "element 0 of \"tokenizer.ggml.merges\"", "\"a \"",
            bytes: with("tokenizer.ggml.merges") { $0.add("tokenizer.ggml.merges", strings: ["a "]) }),
        Damage(
            "end token outside the vocabulary", .badVocabulary, "tokenizer.ggml.eos_token_id", "is 4", "4 tokens",
            bytes: with("tokenizer.ggml.eos_token_id") { $0.add("tokenizer.ggml.eos_token_id", uint32: 4) }),
        Damage(
            "beginning token of 2^32 - 1", .badVocabulary, "tokenizer.ggml.bos_token_id", "4294967295",
            bytes: with("") { $0.add("tokenizer.ggml.bos_token_id", uint32: .max) }),
        Damage(
            "padding token of -1", .badVocabulary, "tokenizer.ggml.padding_token_id", "-1",
            bytes: with("") { $0.add("tokenizer.ggml.padding_token_id", 5) { $0.put(Int32(-1)) } }),
        Damage(
            "unknown token of 2^63", .valueOutOfRange, "tokenizer.ggml.unknown_token_id", "9223372036854775808",
            bytes: with("") { $0.add("tokenizer.ggml.unknown_token_id", 10) { $0.put(UInt64(1) << 63) } }),
        Damage(
            "flag as a number", .wrongElementType, "tokenizer.ggml.add_bos_token", "uint32", "bool",
            bytes: with("tokenizer.ggml.add_bos_token") { $0.add("tokenizer.ggml.add_bos_token", uint32: 1) }),
        Damage(
            "chat template not UTF-8", .invalidText, "tokenizer.chat_template",
            bytes: with("") { $0.add("tokenizer.chat_template", 8) { $0.put(string: [0x7B, 0xFE]) } }),
    ]

    /// The valid file with `key` removed, then changed.
    private static func with(_ key: String, _ change: (inout GGUFWriter) -> Void) -> [UInt8] {
        GGUFWriter.changed { $0.replace(key, change) }
    }
}
