import Inference
import LengthPrediction
import OpenAIProtocol
import Scheduling

/// Makes forecasts with a trained predictor: reads its file and encoder, and checks that both belong to the model.
package final class LengthForecaster: Sendable {
    /// The predictor's input for a request.
    package struct Prompt: Sendable {
        package var text: String
        /// Tokens of the whole prompt for the model that answers, including those around the text.
        package var promptTokens: Int
        /// The most tokens that the answer may have; nil if the predictor may not know the limit.
        package var limit: Int?

        package init(text: String, promptTokens: Int, limit: Int? = nil) {
            self.text = text
            self.promptTokens = promptTokens
            self.limit = limit
        }
    }
    private let file: PredictorFile
    package let encoder: PromptEncoder

    /// - Parameter threads: the number of threads that read prompts.
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

    /// One forecast per prompt. A prompt that the encoder cannot read gets the forecast for an average answer.
    package func forecasts(for prompts: [Prompt]) throws -> [LengthForecast] {
        zip(prompts, try encoder.features(of: prompts.map(\.text))).map { prompt, features in
            file.predictor.forecast(features: features, promptTokens: prompt.promptTokens, limit: prompt.limit)
        }
    }
}
