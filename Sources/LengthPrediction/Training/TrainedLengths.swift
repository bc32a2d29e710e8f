/// What a training gave, with what it is worth.
package struct TrainedLengths: Sendable {
    /// One of each kind.
    package let predictors: [LearnedLengths]
    /// The one of them with the smaller error of the sum of many answers, which is what a scheduler plans with, by
    /// `validation`.
    package let chosen: LearnedLengths
    /// Answers that were learned from: four fifths.
    package let answers: Int
    /// Names the data, held-out part included (`LengthParts.digest`).
    package let dataDigest: UInt64
    /// Both kinds on the answers that were learned from, each judged by what had not seen it.
    package let validation: LengthEvaluation
    /// Both kinds and the simple predictors on the held-out fifth.
    package let heldOut: LengthEvaluation
}
