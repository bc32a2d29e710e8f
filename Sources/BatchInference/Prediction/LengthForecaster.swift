import Inference
import LengthPrediction
import OpenAIProtocol
import Scheduling

/// Asks a trained predictor what it expects of answers: reads its file and its encoder, and holds both to belong to the
/// model that answers.
package final class LengthForecaster: Sendable {
    /// What the predictor is told of a request.
    package struct Prompt: Sendable {
        package var text: String
        /// In the tokens of the model that answers, with all that stands around the text.
        package var promptTokens: Int
        /// The most tokens that the answer may have, where that may be looked at.
        package var limit: Int?

        package init(text: String, promptTokens: Int, limit: Int? = nil) {
            self.text = text
            self.promptTokens = promptTokens
            self.limit = limit
        }
    }
    private let file: PredictorFile
    package let encoder: PromptEncoder

    /// - Parameter threads: that read prompts.
    /// - Throws: `BatchError` or `PredictionError` for files that cannot be used, or do not belong together.
    package init(_ source: PredictorSource, model: TextModel, threads: Int) throws {
        file = try source.read()
        let origin = file.origin
        guard origin.modelFingerprint == model.fingerprint else {
            throw BatchError(
                .badPredictor,
                "\(source.path) was trained on answers of model \(origin.model) "
                    + "(\(String(origin.modelFingerprint, radix: 16))), and the model is \(model.name) "
                    + "(\(String(model.fingerprint, radix: 16)))")
        }
        encoder = try PromptEncoder(folder: source.encoder ?? origin.encoderFolder, of: origin, threads: threads)
    }

    /// One forecast a prompt. A prompt that the encoder cannot read is expected to be answered like any other.
    package func forecasts(for prompts: [Prompt]) throws -> [LengthForecast] {
        zip(prompts, try encoder.features(of: prompts.map(\.text))).map { prompt, features in
            file.predictor.forecast(features: features, promptTokens: prompt.promptTokens, limit: prompt.limit)
        }
    }
}
