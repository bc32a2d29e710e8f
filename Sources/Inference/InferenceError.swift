/// Why a model cannot be run as asked.
public struct InferenceError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure. More kinds may be added.
    public struct Code: Sendable, Hashable {
        public let name: String
        public static let unknownPolicy = Code(name: "unknown_policy")
        /// An option of a policy, or a length predictor, that does not exist or cannot be had here.
        public static let badOption = Code(name: "bad_option")
        /// A file of step costs that is damaged, or belongs to another model or another pipeline.
        public static let badProfile = Code(name: "bad_profile")
        /// The model file is sound, but Tideway cannot run what it holds.
        public static let unsupportedModel = Code(name: "unsupported_model")
        /// The caller gave the request up, or the engine was shut down while it ran.
        public static let cancelled = Code(name: "cancelled")
        /// What the request ran on failed, and all requests with it.
        public static let engineFailed = Code(name: "engine_failed")
        /// The engine takes no more requests.
        public static let ended = Code(name: "ended")
    }
    public let code: Code
    /// Names the limit and the given value.
    public let message: String
    public var description: String { message }

    static let ended = InferenceError(.ended, "the engine has ended and takes no more requests")

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
