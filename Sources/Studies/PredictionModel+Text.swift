import Simulation

extension PredictionModel {
    /// The forms that `init(parsing:error:)` reads.
    package static let usage = "oracle, classes, constant:TOKENS"

    /// The true lengths.
    package static let oracle = PredictionModel(known: .oracle)

    /// Reads `oracle`, `classes` or `constant:256`.
    /// - Throws: `unknown_name` with the forms that there are, `invalid_setting` for numbers that are not possible.
    package init(parsing text: String, error: Double = 0) throws(SimulationError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        switch (String(parts[0]), parts.count) {
        case ("oracle", 1): try self.init(.oracle, error: error)
        case ("classes", 1): try self.init(.classMeans, error: error)
        case ("constant", 2):
            guard let tokens = Int(parts[1]) else { fallthrough }
            try self.init(.constant(tokens), error: error)
        default:
            throw SimulationError(.unknownName, "there is no predictor '\(text)'; predictors: \(Self.usage)")
        }
    }

    /// The predictor in the form that `init(parsing:error:)` reads, followed by the error if there is one.
    package var text: String {
        let name =
            switch kind {
            case .oracle: "oracle"
            case .classMeans: "classes"
            case .constant(let tokens): "constant:\(tokens)"
            }
        return error > 0 ? "\(name), error \(error)" : name
    }
}
