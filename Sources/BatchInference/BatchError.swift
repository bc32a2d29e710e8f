/// Why a batch cannot be run.
public struct BatchError: Error, Sendable, CustomStringConvertible {
    public struct Code: Sendable, Hashable {
        public let name: String
        public static let unknownPolicy = Code(name: "unknown_policy")
        /// The run ended, and some requests have no line: never the input's fault.
        public static let requestsMissing = Code(name: "requests_missing")
        /// The model file is sound, but Tideway cannot run what it holds.
        public static let unsupportedModel = Code(name: "unsupported_model")
    }
    public let code: Code
    public let message: String
    public var description: String { message }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
