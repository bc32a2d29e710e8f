import Scheduling

/// A request of a simulated workload: lengths and a time, no text.
public struct SimulatedRequest: Sendable, Hashable {
    /// When the request reaches the controller.
    public var arrival: Instant
    /// At least 1.
    public var promptTokens: Int
    /// Tokens of the whole answer, at least 1: the request ends at exactly this length.
    public var outputTokens: Int
    /// The answer length that a predictor of the workload expected; nil without a prediction.
    public var predictedTokens: Int?
    /// The answer length that a learned predictor expected (`LearnedPredictor`); nil if the workload has no forecasts.
    public var forecast: LengthForecast?

    public init(
        arrival: Instant = .zero, promptTokens: Int, outputTokens: Int, predictedTokens: Int? = nil,
        forecast: LengthForecast? = nil
    ) {
        self.arrival = arrival
        self.promptTokens = promptTokens
        self.outputTokens = outputTokens
        self.predictedTokens = predictedTokens
        self.forecast = forecast
    }
}
