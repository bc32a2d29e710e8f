import ArgumentParser
import Inference
import Scheduling

extension PolicyChoice {
    /// Reads the policies that `--policies` names, with commas between them.
    /// - Parameters: `options` (of `--td-pipe`) and `lengths` apply to policies that name none.
    /// - Throws: an error of usage.
    static func list(parsing names: String, options: String?, lengths: String? = nil) throws -> [PolicyChoice] {
        try list(try texts(in: names), options: options, lengths: lengths, in: names)
    }

    /// The text of each policy that `--policies` names.
    /// - Throws: an error of usage for a policy that is named twice.
    static func texts(in names: String) throws -> [String] {
        let texts = names.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        for (index, text) in texts.enumerated() where texts[..<index].contains(text) {
            throw ValidationError("--policies names '\(text)' twice")
        }
        return texts
    }

    /// Reads the text of each policy.
    /// - Parameter names: the value of `--policies`, for messages.
    /// - Throws: an error of usage.
    static func list(
        _ texts: [String], options: String?, lengths: String? = nil, in names: String
    ) throws -> [PolicyChoice] {
        let choices = try texts.map { text in
            try Usage.read { try PolicyChoice(parsing: text, options: options, lengths: lengths) }
        }
        guard options == nil || choices.contains(where: \.isForecasting) else {
            let known = PolicyCatalogue.forecasting.joined(separator: " nor ")
            throw ValidationError("--td-pipe is given, and --policies '\(names)' names neither \(known)")
        }
        return choices
    }
}
