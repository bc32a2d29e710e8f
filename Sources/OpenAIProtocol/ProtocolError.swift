import Platform

/// Why a line, an input file or an output file was refused.
public typealias ProtocolError = CodedError<ProtocolErrors>

public enum ProtocolErrors: ErrorDomain {}

extension ProtocolError.Code {
    /// The bytes are not UTF-8.
    public static var invalidUTF8: Self { Self("invalid_utf8") }
    /// The text is not JSON, or breaks a limit of the parser.
    public static var invalidJSON: Self { Self("invalid_json") }
    /// The line is longer than the limit.
    public static var lineTooLong: Self { Self("line_too_long") }
    /// A required field is missing.
    public static var missingField: Self { Self("missing_required_parameter") }
    /// A field has the wrong type.
    public static var invalidType: Self { Self("invalid_type") }
    /// A field has the right type and a value outside its limits.
    public static var invalidValue: Self { Self("invalid_value") }
    /// The engine does not know a field.
    public static var unknownField: Self { Self("unknown_parameter") }
    /// The engine knows a field or value but cannot honour it.
    public static var unsupported: Self { Self("unsupported_parameter") }
    /// The prompt, or the prompt and the answer, do not fit into the model's context.
    public static var contextLengthExceeded: Self { Self("context_length_exceeded") }
}

extension ProtocolError {
    /// The field at fault, such as `messages[2].content`.
    public var param: String? { subject }

    package init(_ code: Code, _ message: String, param: String?) { self.init(code, message, subject: param) }

    /// The error for a text that is not JSON.
    init(_ error: JSONError) {
        self.init(error.kind == .encoding ? .invalidUTF8 : .invalidJSON, error.description, cause: error)
    }
}
