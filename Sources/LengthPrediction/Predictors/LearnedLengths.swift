import Scheduling

/// Predicts how long answers become, from what it learned of earlier answers of the same model (TD-Pipe's AI-based
/// greedy prefill, arXiv 2506.10470, section 3.2). `LengthTrainer` makes it, `PredictorFile` keeps it.
package struct LearnedLengths: Sendable, Hashable {
    /// What was learned, and how a forecast is made of it.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The number of the answer's class by ordinal regression; the forecast is what the class's answers had.
        case classes
        /// The logarithm of the length; the forecast is what answers had of which the same was thought.
        case quantiles
    }

    /// The two ways from a score to a forecast.
    enum Reading: Sendable, Hashable {
        case classes
        case quantiles(CalibrationCurve)
    }

    let head: LengthHead
    let reading: Reading
    /// What all answers had: the forecast where nothing else can be said.
    let overall: LengthOctiles
    /// The classes of the model's answers, for both kinds.
    package let classes: AnswerClasses

    package var kind: Kind {
        switch reading {
        case .classes: .classes
        case .quantiles: .quantiles
        }
    }

    /// Numbers that the encoder must give for a prompt.
    package var features: Int { head.features }

    /// The mean length of all answers that were learned from, in tokens.
    package var overallMean: Double { overall.mean }

    /// What is expected of an answer, before it begins.
    ///
    /// Never fails: features that are not `features` finite numbers lead to what is expected of any answer.
    /// - Parameters:
    ///   - features: what the encoder says of the prompt.
    ///   - promptTokens: of the prompt, in the tokens of the model that answers.
    ///   - limit: the most tokens that the answer can have, if that may be looked at; no length is above it.
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
