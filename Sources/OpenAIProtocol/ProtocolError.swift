/// Why a line, an input file or an output file was refused.
public struct ProtocolError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong, as a word that a program can compare. New codes may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The word itself, as the output file gives it.
        public let rawValue: String
        /// Makes a code of a word in lower case with underscores.
        public init(_ rawValue: String) { self.rawValue = rawValue }
        /// The word itself.
        public var description: String { rawValue }

        /// The bytes are not UTF-8.
        public static let invalidUTF8 = Code("invalid_utf8")
        /// The text is not JSON, or breaks a limit of the parser.
        public static let invalidJSON = Code("invalid_json")
        /// The line is longer than the limit.
        public static let lineTooLong = Code("line_too_long")
        /// A field that must be there is not.
        public static let missingField = Code("missing_required_parameter")
        /// A field has the wrong type.
        public static let invalidType = Code("invalid_type")
        /// A field has the right type and a value outside its limits.
        public static let invalidValue = Code("invalid_value")
        /// A field that this engine does not know.
        public static let unknownField = Code("unknown_parameter")
        /// A field or value that is known and cannot be honoured.
        public static let unsupported = Code("unsupported_parameter")
        /// The prompt, or the prompt and the answer, do not fit into the model's context.
        public static let contextLengthExceeded = Code("context_length_exceeded")
        /// Two input lines carry the same id.
        public static let duplicateID = Code("duplicate_custom_id")
        /// A file cannot be opened, read, written or made durable.
        public static let file = Code("file_error")
        /// The input file changed while it was in use.
        public static let inputChanged = Code("input_changed")
        /// Another process writes to the output file.
        public static let outputLocked = Code("output_locked")
        /// The existing output file is not the beginning of this run's results.
        public static let foreignOutput = Code("foreign_output")
    }

    /// What went wrong.
    public let code: Code
    /// A sentence that gives the limit and the given value.
    public let message: String
    /// The field at fault, such as `messages[2].content`.
    public let param: String?
    /// What the operating system said.
    public let cause: String?

    /// Makes an error of its parts.
    public init(_ code: Code, _ message: String, param: String? = nil, cause: String? = nil) {
        self.code = code
        self.message = message
        self.param = param
        self.cause = cause
    }

    /// The message, and the cause if there is one.
    public var description: String {
        if let cause { return "\(message): \(cause)" }
        return message
    }
}
