/// The length predictors by their names on the command line.
public enum LengthPredictorCatalogue {
    public static let names = ["oracle", "constant", "prompt-length", "history", "learned"]
    /// What is allowed, for help and messages.
    public static let usage = "oracle, constant:TOKENS, prompt-length, history, history:PERCENTILE, learned"

    /// Tokens that `constant` expects without a value.
    private static let constantTokens = 256
    private static let possibleTokens = 1...100_000_000
    private static let possiblePercentiles = 1...99

    /// Makes the predictor that `text` names: a name, for `constant` and `history` with a value after a colon.
    /// `constant` alone expects 256 tokens; `history` alone takes the mean.
    ///
    /// - Parameter respectsLimit: see `LengthPredictor`. The oracle always looks at the limit.
    /// - Throws: `unknown_predictor`, with a message that names what is allowed.
    public static func predictor(
        named text: String, respectsLimit: Bool
    ) throws(ForecastError) -> any LengthPredictor {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count == 2 ? parts[1] : nil
        switch (parts[0], value) {
        case ("oracle", nil): return OraclePredictor()
        case ("constant", _):
            let tokens = try number(value, in: possibleTokens, text) ?? constantTokens
            return ConstantPredictor(tokens: tokens, respectsLimit: respectsLimit)
        case ("prompt-length", nil): return PromptLengthPredictor(respectsLimit: respectsLimit)
        case ("learned", nil): return LearnedPredictor(respectsLimit: respectsLimit)
        case ("history", _):
            let percent = try number(value, in: possiblePercentiles, text)
            let estimate = percent.map { HistoryPredictor.Estimate.percentile(Double($0) / 100) } ?? .mean
            return HistoryPredictor(estimate: estimate, respectsLimit: respectsLimit)
        default:
            throw ForecastError(.unknownPredictor, "there is no length predictor '\(text)'; predictors: \(usage)")
        }
    }

    private static func number(
        _ value: Substring?, in range: ClosedRange<Int>, _ text: String
    ) throws(ForecastError) -> Int? {
        guard let value else { return nil }
        guard let number = Int(value), range.contains(number) else {
            throw ForecastError(
                .unknownPredictor,
                "length predictor '\(text)': '\(value)' is not a whole number from \(range.lowerBound) to "
                    + "\(range.upperBound)")
        }
        return number
    }
}
