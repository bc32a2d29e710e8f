import ArgumentParser

/// The stages of a run on the command line: a number, or `auto`.
enum StageCount: Equatable {
    case given(Int)
    /// Chosen before the run, for its work and this machine.
    case automatic

    /// - Throws: an error that names the value and what is accepted.
    init(parsing text: String) throws {
        if text == "auto" {
            self = .automatic
            return
        }
        let possible = PipelineShape.stages
        let accepted = "a number in \(possible.lowerBound)...\(possible.upperBound) or auto is accepted"
        guard let number = Int(text) else { throw ValidationError("--stages is '\(text)'; \(accepted)") }
        guard possible.contains(number) else { throw ValidationError("--stages is \(number); \(accepted)") }
        self = .given(number)
    }

    /// The number; nil if it is chosen.
    var given: Int? { if case .given(let number) = self { number } else { nil } }
}
