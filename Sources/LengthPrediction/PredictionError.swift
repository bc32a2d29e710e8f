/// Why lengths cannot be predicted or texts cannot be embedded.
public struct PredictionError: Error, Sendable, CustomStringConvertible {
    public struct Code: Sendable, Hashable {
        public let name: String
        /// The encoder's folder, or what is in it, cannot be used.
        public static let badEncoder = Code(name: "bad_encoder")
        /// A file of past requests and answers cannot be used.
        public static let badHistory = Code(name: "bad_history")
        /// Prompts cannot be read or embedded as asked.
        public static let badPrompts = Code(name: "bad_prompts")
        /// A file with a trained predictor cannot be used.
        public static let badPredictor = Code(name: "bad_predictor")
        /// There are fewer answers than a predictor can be trained or judged with.
        public static let tooFewAnswers = Code(name: "too_few_answers")
    }
    public let code: Code
    /// Names what is wrong, with the limit and the given value.
    public let message: String
    public var description: String { message }

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
