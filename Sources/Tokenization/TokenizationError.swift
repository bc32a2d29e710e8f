import Platform

/// Why a vocabulary, a text or a chat template was refused.
public typealias TokenizationError = CodedError<TokenizationErrors>

public enum TokenizationErrors: ErrorDomain {
    public static func text(of error: TokenizationError) -> String { "\(error.code): \(error.message)" }
}

extension TokenizationError.Code {
    /// The tokenizer model or the pre-tokenizer is one that this module does not implement.
    public static var unsupported: Self { Self("unsupported") }
    /// The vocabulary contradicts itself: a missing piece, an id out of range, lists of different lengths.
    public static var invalidVocabulary: Self { Self("invalid vocabulary") }
    /// The text to encode is not UTF-8.
    public static var invalidText: Self { Self("invalid text") }
    /// A tokenizer.json is not JSON, or not of its shape.
    public static var malformedFile: Self { Self("malformed file") }
    /// The chat template does not parse.
    public static var templateSyntax: Self { Self("template syntax") }
    /// The chat template failed while it was rendered.
    public static var templateFailure: Self { Self("template failure") }
    /// The chat template called `raise_exception`: it refuses this conversation.
    public static var templateRefusal: Self { Self("template refusal") }
    /// The chat template exceeded a limit on steps, nesting or size.
    public static var templateLimit: Self { Self("template limit") }
}
