/// Why a step cost or a length predictor could not be made.
public struct ForecastError: Error, Sendable, Hashable, CustomStringConvertible {
    public struct Code: Sendable, Hashable {
        public let name: String
        /// No samples, or samples that cannot be times of stages.
        public static let invalidSamples = Code(name: "invalid_samples")
        /// A length predictor that does not exist, or a value that it does not take.
        public static let unknownPredictor = Code(name: "unknown_predictor")
    }
    public let code: Code
    /// Names what is allowed and what was given.
    public let message: String
    public var description: String { message }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
