import ArgumentParser

/// The stages of a run on the command line: a number, or `auto`.
enum StageCount: Equatable {
    case given(Int)
    /// Chosen before the run, for its work and this machine.
    case automatic

    private static let possible = 1...65_536

    /// - Throws: an error that names the value and what is accepted.
    init(parsing text: String) throws {
        if text == "auto" {
            self = .automatic
            return
        }
        let accepted = "a number in \(Self.possible.lowerBound)...\(Self.possible.upperBound) or auto is accepted"
        guard let number = Int(text) else { throw ValidationError("--stages is '\(text)'; \(accepted)") }
        guard Self.possible.contains(number) else { throw ValidationError("--stages is \(number); \(accepted)") }
        self = .given(number)
    }

    /// The number; nil if it is chosen.
    var given: Int? { if case .given(let number) = self { number } else { nil } }
}
