import ArgumentParser
import Inference
import Scheduling
import Studies

extension StudyPolicy {
    /// Reads the policies that `--policies` of a study names, with commas between them.
    /// - Parameter options: `--td-pipe`, for policies that name none.
    /// - Throws: an error of usage.
    static func list(parsing names: String, options: String?) throws -> [StudyPolicy] {
        try PolicyChoice.list(parsing: names, options: options).map { choice in
            // The limit of each answer is its true length, which only the oracle may know, so predictors ignore it.
            let lengths = try choice.lengths.map {
                try LengthPredictorCatalogue.predictor(named: $0, respectsLimit: false)
            }
            return try StudyPolicy(choice.name, label: choice.label, options: choice.tdPipe, lengths: lengths)
        }
    }
}
