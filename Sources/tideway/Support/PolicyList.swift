import ArgumentParser
import Inference

extension PolicyChoice {
    /// Reads the policies that `--policies` names, with commas between them.
    /// - Parameters: `options` (of `--td-pipe`) and `lengths` apply to policies that name none.
    /// - Throws: an error of usage.
    static func list(parsing names: String, options: String?, lengths: String? = nil) throws -> [PolicyChoice] {
        let choices = try names.split(separator: ",", omittingEmptySubsequences: false).map { text in
            try Usage.read { try PolicyChoice(parsing: String(text), options: options, lengths: lengths) }
        }
        for (index, choice) in choices.enumerated()
        where choices[..<index].contains(where: { $0.label == choice.label }) {
            throw ValidationError("--policies names '\(choice.label)' twice")
        }
        guard options == nil || choices.contains(where: \.isForecasting) else {
            throw ValidationError("--td-pipe is given, and --policies '\(names)' does not name td-pipe")
        }
        return choices
    }
}
