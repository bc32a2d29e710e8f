import Platform

/// Why lengths cannot be predicted or texts cannot be embedded.
package typealias PredictionError = CodedError<PredictionErrors>

package enum PredictionErrors: ErrorDomain {}

extension PredictionError.Code {
    /// The encoder's folder or its contents cannot be used.
    package static var badEncoder: Self { Self("bad_encoder") }
    /// A file of past requests and answers cannot be used.
    package static var badHistory: Self { Self("bad_history") }
    /// Prompts cannot be read or embedded as asked.
    package static var badPrompts: Self { Self("bad_prompts") }
    /// A file with a trained predictor cannot be used.
    package static var badPredictor: Self { Self("bad_predictor") }
    /// There are fewer answers than a predictor can be trained or judged with.
    package static var tooFewAnswers: Self { Self("too_few_answers") }
}
