/// A token's type, with GGUF's numbers.
enum TokenType: Int32, Sendable {
    case normal = 1
    case unknown = 2
    case control = 3
    case userDefined = 4
    case unused = 5
    case byte = 6

    /// Whether the token gives no text in an answer.
    var isHidden: Bool { self == .control || self == .unknown }
}

/// Facts about tokens that follow from their texts, for files that do not give them.
enum TokenConvention {
    /// The texts of tokens that end an answer.
    static let endOfGeneration: Set<String> = [
        "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<|end_of_text|>", "<|return|>",
        "<end_of_turn>", "<end_of_utterance>", "</s>", "<EOT>", "<|END_OF_TURN_TOKEN|>", "<eos>", "<turn|>",
        "<\u{FF5C}end\u{2581}of\u{2581}sentence\u{FF5C}>",
    ]

    /// Whether a text marks turns or roles, such as `<|user|>`. Some files declare such tokens user-defined, although
    /// text from a request must not mean them.
    static func isMarkup(_ text: ArraySlice<UInt8>) -> Bool {
        let text = String(decoding: text, as: UTF8.self)
        guard text.count > 3 else { return false }
        return text.hasPrefix("<|") || text.hasSuffix("|>") || text.hasPrefix("<\u{FF5C}")
            || endOfGeneration.contains(text)
    }

    /// Whether a text is a filler that converters pad a vocabulary with: `[PAD` and the token's own id.
    static func isFiller(_ text: ArraySlice<UInt8>, id: Int) -> Bool {
        text.starts(with: "[PAD".utf8) && text.elementsEqual("[PAD\(id)]".utf8)
    }
}
