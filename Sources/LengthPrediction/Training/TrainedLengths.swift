/// The result of a training, with its evaluation.
package struct TrainedLengths: Sendable {
    /// One predictor of each kind.
    package let predictors: [LearnedLengths]
    /// The predictor with the smaller error of the sum of many answers, according to `validation`: a scheduler plans
    /// with such sums.
    package let chosen: LearnedLengths
    /// The number of answers that were learned from: four fifths.
    package let answers: Int
    /// The digest of the data, including the held-out part (`LengthParts.digest`).
    package let dataDigest: UInt64
    /// Both kinds on the answers that were learned from, each answer predicted by a perceptron that had not seen it.
    package let validation: LengthEvaluation
    /// Both kinds and the simple predictors on the held-out fifth.
    package let heldOut: LengthEvaluation
}
