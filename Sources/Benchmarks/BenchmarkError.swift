/// Why a benchmark cannot be run.
public struct BenchmarkError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure. More kinds may be added.
    public struct Code: Sendable, Hashable {
        public let name: String
        /// A line of a workload that cannot be run.
        public static let badWorkload = Code(name: "bad_workload")
        /// A file of figures that is damaged, or not of runs.
        public static let badRun = Code(name: "bad_run")
        /// An option that does not exist or cannot be had here.
        public static let badOption = Code(name: "bad_option")
        /// Step costs that belong to another model or another pipeline.
        public static let badProfile = Code(name: "bad_profile")
        /// A description of a model that cannot be simulated.
        public static let unsupportedModel = Code(name: "unsupported_model")
        /// Two runs of a benchmark gave different tokens: a bug in Tideway.
        public static let tokensDiffer = Code(name: "tokens_differ")
        /// A policy planned nothing although requests were alive: a bug in Tideway.
        public static let stalled = Code(name: "stalled")
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
