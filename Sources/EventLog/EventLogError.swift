/// Why an event log cannot be read, or does not agree with the core.
public struct EventLogError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure. More kinds may be added.
    public struct Code: Sendable, Hashable {
        public let name: String
        /// A text that is not an event log; the message names the line and the field.
        public static let malformedText = Code(name: "malformed_text")
        /// A setting outside its limits.
        public static let invalidSetting = Code(name: "invalid_setting")
        /// A name that no policy has.
        public static let unknownName = Code(name: "unknown_name")
        /// The accounts of the scheduling core do not agree: a bug in it.
        public static let integrity = Code(name: "integrity")
    }
    public let code: Code
    /// Names the limit and the given value.
    public let message: String
    /// What lies behind it, if something does.
    public let cause: (any Error)?
    public var description: String { "\(code.name): \(message)" }

    package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }
}
