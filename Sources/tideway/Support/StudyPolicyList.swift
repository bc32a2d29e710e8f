import ArgumentParser
import Inference
import Scheduling
import Studies

extension StudyPolicy {
    /// Reads the policies that `--policies` of a study names, with commas between them. Each may carry `+chunk=N`
    /// besides the options that `PolicyChoice` reads.
    /// - Parameter options: `--td-pipe`, for policies that name none.
    /// - Throws: an error of usage.
    static func list(parsing names: String, options: String?) throws -> [StudyPolicy] {
        let texts = try PolicyChoice.texts(in: names)
        let split = try texts.map { try chunk(of: $0) }
        let choices = try PolicyChoice.list(split.map(\.choice), options: options, in: names)
        return try zip(zip(texts, split), choices).map { text, choice in
            // The limit of each answer is its true length, which only the oracle may know, so predictors ignore it.
            let lengths = try choice.lengths.map {
                try LengthPredictorCatalogue.predictor(named: $0, respectsLimit: false)
            }
            return try Usage.read {
                try StudyPolicy(
                    choice.name, label: text.0, options: choice.tdPipe, lengths: lengths, prefillChunk: text.1.chunk)
            }
        }
    }

    /// The chunk that a policy's text names, and the text without it.
    private static func chunk(of text: String) throws -> (choice: String, chunk: Int?) {
        let prefix = "chunk="
        let parts = text.split(separator: "+", omittingEmptySubsequences: false)
        let values = parts.filter { $0.hasPrefix(prefix) }.map { $0.dropFirst(prefix.count) }
        guard values.count <= 1 else {
            throw ValidationError("'\(text)' names \(values.count) chunks; one is allowed")
        }
        let choice = parts.filter { !$0.hasPrefix(prefix) }.joined(separator: "+")
        guard let value = values.first else { return (choice, nil) }
        guard let chunk = Int(value) else {
            throw ValidationError("'\(text)': chunk is '\(value)'; a whole number of tokens is needed")
        }
        return (choice, chunk)
    }
}
