import Platform

/// Why a vocabulary or a text was refused.
public typealias TokenizationError = CodedError<TokenizationErrors>

public enum TokenizationErrors: ErrorDomain {
    public static func text(of error: TokenizationError) -> String { "\(error.code): \(error.message)" }
}

extension TokenizationError.Code {
    /// This module does not implement the tokenizer model or the pre-tokenizer.
    public static var unsupported: Self { Self("unsupported") }
    /// The vocabulary contradicts itself: a missing piece, an id out of range, lists of different lengths.
    public static var invalidVocabulary: Self { Self("invalid vocabulary") }
    /// The text to encode is not UTF-8.
    public static var invalidText: Self { Self("invalid text") }
    /// A tokenizer.json is not JSON, or does not have the expected members.
    public static var malformedFile: Self { Self("malformed file") }
}
