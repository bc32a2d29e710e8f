/// Why a value could not be read or a report could not be made.
public struct ReportingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure. More kinds may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String

        /// The text is not a whole number of bytes with a known unit.
        public static let malformedSize = Code(description: "malformed size")
        /// The size has more bytes than an `Int` can count.
        public static let sizeTooLarge = Code(description: "size too large")
    }

    public let code: Code
    /// Names the limit and the given value.
    public let message: String

    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(code): \(message)" }
}
