/// Why a batch cannot be run.
public struct BatchError: Error, Sendable, CustomStringConvertible {
    public struct Code: Sendable, Hashable {
        public let name: String
        public static let unknownPolicy = Code(name: "unknown_policy")
        /// An option of a policy, or a length predictor, that does not exist or cannot be had here.
        public static let badOption = Code(name: "bad_option")
        /// A file of step costs that is damaged, or belongs to another model or another pipeline.
        public static let badProfile = Code(name: "bad_profile")
        /// A line of a workload that cannot be run.
        public static let badWorkload = Code(name: "bad_workload")
        /// A file of figures that is damaged, or not of runs.
        public static let badRun = Code(name: "bad_run")
        /// A history of answers that is damaged.
        public static let badHistory = Code(name: "bad_history")
        /// A length predictor that belongs to another model or another encoder.
        public static let badPredictor = Code(name: "bad_predictor")
        /// Two runs of a benchmark gave different tokens: a bug in Tideway.
        public static let tokensDiffer = Code(name: "tokens_differ")
        /// The run ended, and some requests have no line: never the input's fault.
        public static let requestsMissing = Code(name: "requests_missing")
        /// The model file is sound, but Tideway cannot run what it holds.
        public static let unsupportedModel = Code(name: "unsupported_model")
        /// A file that cannot be read, or is larger than it may be.
        public static let unreadableFile = Code(name: "unreadable_file")
        /// A file that cannot be made or written.
        public static let unwritableFile = Code(name: "unwritable_file")
        /// A policy planned nothing although requests were alive: a bug in Tideway.
        public static let stalled = Code(name: "stalled")
    }
    public let code: Code
    public let message: String
    public var description: String { message }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
