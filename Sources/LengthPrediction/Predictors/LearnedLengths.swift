import Scheduling

/// A predictor of answer lengths that has learned from earlier answers of the same model (TD-Pipe's AI-based greedy
/// prefill, arXiv 2506.10470, section 3.2). `LengthTrainer` makes it, `PredictorFile` stores it.
package struct LearnedLengths: Sendable, Hashable {
    /// The quantity that was learned, and how a forecast is made from it.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The number of the answer's class by ordinal regression; the forecast has the lengths of the class's answers.
        case classes
        /// The logarithm of the length; the forecast has the lengths of answers with similar scores.
        case quantiles
    }

    /// The two ways from a score to a forecast.
    enum Reading: Sendable, Hashable {
        case classes
        case quantiles(CalibrationCurve)
    }

    let head: LengthHead
    let reading: Reading
    /// The lengths of all answers: the forecast for a prompt without a score.
    let overall: LengthOctiles
    /// The classes of the model's answers, for both kinds.
    package let classes: AnswerClasses

    package var kind: Kind {
        switch reading {
        case .classes: .classes
        case .quantiles: .quantiles
        }
    }

    /// The number of features that the encoder must give for a prompt.
    package var features: Int { head.features }

    /// The mean length of all answers that were learned from, in tokens.
    package var overallMean: Double { overall.mean }

    /// The forecast of an answer, before it begins.
    ///
    /// Never fails: features that are not `features` finite numbers lead to the forecast for an average answer.
    /// - Parameters:
    ///   - features: the encoder's features of the prompt.
    ///   - promptTokens: tokens of the prompt for the model that answers.
    ///   - limit: the most tokens that the answer can have; no length is above it. nil if the predictor may not know
    ///     the limit.
    package func forecast(features: [Float], promptTokens: Int, limit: Int? = nil) -> LengthForecast {
        guard let score = head.score(features, promptTokens: promptTokens) else {
            return overall.forecast(limit: limit)
        }
        return octiles(at: score).forecast(limit: limit)
    }

    func octiles(at score: Double) -> LengthOctiles {
        switch reading {
        case .classes: classes.octiles[classes.index(nearest: score)]
        case .quantiles(let curve): curve.octiles(at: score)
        }
    }
}
