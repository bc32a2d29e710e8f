import Scheduling

/// A request of a simulated workload: lengths and a time, no text.
public struct SimulatedRequest: Sendable, Hashable {
    /// When it reaches the controller.
    public var arrival: Instant
    /// At least 1.
    public var promptTokens: Int
    /// Tokens of the whole answer, at least 1: the request ends at exactly so many.
    public var outputTokens: Int
    /// What a predictor of the workload expected of the answer; nil if none was asked.
    public var predictedTokens: Int?
    /// What a learned predictor expected of it (`LearnedPredictor`); nil if the workload has no such thing.
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
