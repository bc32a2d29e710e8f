import Scheduling

/// Predicts the lengths that come with a workload (`SimulatedRequest.predictedTokens`), so that a predictor of any kind
/// and any error can be tried without running it.
public struct PredictedLengths: LengthPredictor {
    public let name = "predicted"
    /// Whether each request is predicted at its true length.
    public let isExact: Bool
    /// The predicted length by request number.
    private let tokens: [Int]

    /// For the requests of a run, in the order in which the run gets them. A request without a prediction is predicted
    /// at its true length.
    public init(_ requests: [SimulatedRequest]) {
        tokens = requests.map { $0.predictedTokens ?? $0.outputTokens }
        isExact = zip(requests, tokens).allSatisfy { $0.outputTokens == $1 }
    }

    /// The prediction, or one token more than the answer has if the answer has outlived its prediction. A request that
    /// is not of the workload is expected to reach its limit. For requests of the workload the limit, which is their
    /// true length, is ignored.
    public func answerTokens(_ facts: AnswerFacts) -> Int {
        let number = facts.request.rawValue
        return max(tokens.indices.contains(number) ? tokens[number] : facts.limit, facts.generated + 1)
    }

    public mutating func observe(promptTokens: Int, generated: Int) {}
}
