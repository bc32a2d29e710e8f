import Scheduling
import Simulation

/// What predicts the lengths of answers in a study.
package struct PredictorChoice: Sendable, Hashable {
    /// The kinds of predictor.
    package enum Source: Sendable, Hashable {
        /// Predictions come with the workload, which knows the true lengths.
        case workload(PredictionModel.Kind)
        /// A predictor of the engine, as `LengthPredictorCatalogue` names it; it knows what a real run would know.
        case engine(String)
    }
    package var source: Source
    /// Spread of the errors (`PredictionModel.error`); possible for predictions that come with the workload.
    package var error = 0.0
    /// A factor on the predictions (`PredictionModel.bias`); possible for predictions that come with the workload.
    package var bias = 1.0

    /// What a real run predicts with, unless it is told otherwise.
    package static let history = PredictorChoice(.engine("history"))

    package init(_ source: Source) { self.source = source }

    /// The forms that `init(parsing:)` reads.
    package static let usage =
        "history, history:PERCENTILE, prompt-length, learned, oracle, class-means, constant:TOKENS"
    /// The predictors whose predictions come with the workload, for messages.
    private static let ofWorkload = "oracle, class-means, constant:TOKENS"

    /// Reads `history`, `class-means` or `constant:256`.
    /// - Throws: `unknown_name` with the forms that there are, `invalid_setting` for numbers that are not possible.
    package init(parsing text: String) throws(SimulationError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        switch (String(parts[0]), parts.count) {
        case ("oracle", 1): self.init(.workload(.oracle))
        case ("class-means", 1): self.init(.workload(.classMeans))
        case ("constant", 2):
            guard let tokens = Int(parts[1]) else { fallthrough }
            self.init(.workload(try PredictionModel(.constant(tokens)).kind))
        case ("history", _), ("prompt-length", _), ("learned", _):
            do { _ = try LengthPredictorCatalogue.predictor(named: text, respectsLimit: false) } catch { fallthrough }
            self.init(.engine(text))
        default:
            throw SimulationError(.unknownName, "there is no predictor '\(text)'; predictors: \(Self.usage)")
        }
    }

    /// The predictor in the form that `init(parsing:)` reads.
    package var name: String {
        switch source {
        case .engine(let name): name
        case .workload(.oracle): "oracle"
        case .workload(.classMeans): "class-means"
        case .workload(.constant(let tokens)): "constant:\(tokens)"
        }
    }

    /// The name, followed by error and bias if there are any.
    package var text: String {
        name + (error > 0 ? ", error \(error)" : "") + (bias != 1 ? ", bias \(bias)" : "")
    }

    /// The predictions that come with the workload; nil for a predictor of the engine.
    /// - Throws: `invalid_setting` for an error or a bias that is not possible, or of a predictor of the engine.
    package func model() throws(SimulationError) -> PredictionModel? {
        switch source {
        case .workload(let kind): return try PredictionModel(kind, error: error, bias: bias)
        case .engine(let name):
            for (setting, value, without) in [("prediction-error", error, 0.0), ("predictor-bias", bias, 1.0)]
            where value != without {
                throw SimulationError(
                    .invalidSetting,
                    "\(setting) is \(value), and the predictor '\(name)' makes its own errors; predictors with a "
                        + "\(setting): \(Self.ofWorkload)")
            }
            return nil
        }
    }

    /// A fresh predictor for these requests.
    /// - Throws: `unknown_name` for a predictor that the engine does not have.
    package func predictor(for requests: [SimulatedRequest]) throws(SimulationError) -> any LengthPredictor {
        guard case .engine(let name) = source else { return PredictedLengths(requests) }
        do {
            // The limit of each answer is its true length, which a predictor may not know.
            return try LengthPredictorCatalogue.predictor(named: name, respectsLimit: false)
        } catch {
            throw SimulationError(.unknownName, error.message, cause: error)
        }
    }
}
