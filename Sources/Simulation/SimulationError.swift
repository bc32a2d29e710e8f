/// Why something could not be simulated.
public struct SimulationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure. More kinds may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let name: String
        public var description: String { name }

        /// For kinds of failure that are declared beside what fails.
        public init(name: String) { self.name = name }

        /// A setting outside its limits.
        public static let invalidSetting = Code(name: "invalid_setting")
        /// A model that a device's memory cannot hold.
        public static let doesNotFit = Code(name: "does_not_fit")
        /// A request that no world could run, such as one without an answer.
        public static let invalidRequest = Code(name: "invalid_request")
        /// A name that no policy, device, link, model or workload has.
        public static let unknownName = Code(name: "unknown_name")
        /// A text that is not of its format; the message names the line and the field.
        public static let malformedText = Code(name: "malformed_text")
        /// The policy had nothing to do although requests were left.
        public static let stalled = Code(name: "stalled")
        /// Times ran past what the virtual clock can count.
        public static let clockExceeded = Code(name: "clock_exceeded")
        /// The accounts of the scheduling core do not agree: a bug in it.
        public static let integrity = Code(name: "integrity")
    }
    public let code: Code
    /// Names the limit and the given value.
    public let message: String
    /// What lies behind it, if something does.
    public let cause: (any Error)?

    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    public var description: String { "\(code): \(message)" }

    /// Two errors are equal if they say the same; the cause is not compared.
    public static func == (a: Self, b: Self) -> Bool { a.code == b.code && a.message == b.message }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(code)
        hasher.combine(message)
    }
}
