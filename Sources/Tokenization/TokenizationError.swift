/// Why a vocabulary or a text was refused.
public struct TokenizationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of fault it is. New codes may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String
        private init(_ description: String) { self.description = description }

        /// The tokenizer model or the pre-tokenizer is one that this module does not implement.
        public static let unsupported = Code("unsupported")
        /// The vocabulary contradicts itself: a missing piece, an id out of range, lists of different lengths.
        public static let invalidVocabulary = Code("invalid vocabulary")
        /// The text to encode is not UTF-8.
        public static let invalidText = Code("invalid text")
        /// A tokenizer.json is not JSON, or not of its shape.
        public static let malformedFile = Code("malformed file")
    }

    public let code: Code
    /// What was given and what would have been right.
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(code): \(message)" }
}
