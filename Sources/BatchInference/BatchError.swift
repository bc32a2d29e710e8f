/// Why a batch cannot be run.
public struct BatchError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure. More kinds may be added.
    public struct Code: Sendable, Hashable {
        public let name: String
        /// An option that does not exist or cannot be had here.
        public static let badOption = Code(name: "bad_option")
        /// A history of answers that is damaged.
        public static let badHistory = Code(name: "bad_history")
        /// A length predictor that belongs to another model or another encoder.
        public static let badPredictor = Code(name: "bad_predictor")
        /// A line of a workload that cannot be run.
        public static let badWorkload = Code(name: "bad_workload")
        /// The run ended, and some requests have no line: never the input's fault.
        public static let requestsMissing = Code(name: "requests_missing")
    }
    public let code: Code
    /// Names the limit and the given value.
    public let message: String
    public var description: String { message }

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
