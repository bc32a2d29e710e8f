import Scheduling

/// Predicts what a workload's requests were given as predictions (`SimulatedRequest.predictedTokens`), so that a predictor
/// of any kind and any error can be tried without running it.
public struct PredictedLengths: LengthPredictor {
    public let name = "predicted"
    /// Whether each request is predicted at its true length.
    public let isExact: Bool
    /// By request number.
    private let tokens: [Int]

    /// For the requests of a run, in the order in which they are given to it. A request without a prediction counts with
    /// its true length.
    public init(_ requests: [SimulatedRequest]) {
        tokens = requests.map { $0.predictedTokens ?? $0.outputTokens }
        isExact = zip(requests, tokens).allSatisfy { $0.outputTokens == $1 }
    }

    /// The prediction, or one token more than stand in the answer if it has outlived that. A request that is not of the
    /// workload is expected to reach its limit. The limit of the others, their true length, is not looked at.
    public func answerTokens(_ facts: AnswerFacts) -> Int {
        let number = facts.request.rawValue
        return max(tokens.indices.contains(number) ? tokens[number] : facts.limit, facts.generated + 1)
    }

    public mutating func observe(promptTokens: Int, generated: Int) {}
}
