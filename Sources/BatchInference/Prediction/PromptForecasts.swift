import Inference
import OpenAIProtocol
import Scheduling

/// A learned predictor's forecasts of the answers to a file of requests. All forecasts are made before the first
/// request begins, so that the predictor and the stages do not compete for the cores.
package struct PromptForecasts: Sendable {
    private var forecasts: [LengthForecast?]

    /// The number of requests whose prompts are read at a time; bounds the memory of their texts.
    private static let chunk = 1024

    /// Makes the forecasts for all requests that have no answer yet. A request that cannot be run has no forecast; its
    /// error is reported when its turn comes.
    package init(
        of input: InputFile, without journal: ResultJournal, _ forecaster: LengthForecaster, model: TextModel
    ) throws {
        forecasts = [LengthForecast?](repeating: nil, count: input.count)
        let builder = RequestBuilder(model: model, ignoresEOS: false)
        let left = forecasts.indices.filter { !journal.isDone(at: $0) }
        for first in stride(from: 0, to: left.count, by: Self.chunk) {
            var places: [Int] = []
            var prompts: [LengthForecaster.Prompt] = []
            for index in left[first..<min(first + Self.chunk, left.count)] {
                guard case .request(let request) = try input.line(at: index),
                    let tokens = try? builder.tokens(of: request)
                else { continue }
                places.append(index)
                prompts.append(
                    .init(
                        text: PromptText(request.prompt, tokenizer: model.tokenizer).text, promptTokens: tokens.count,
                        limit: request.maxTokens))
            }
            for (place, forecast) in zip(places, try forecaster.forecasts(for: prompts)) {
                forecasts[place] = forecast
            }
        }
    }

    /// The forecast of a request by its index in the input.
    package subscript(index: Int) -> LengthForecast? { forecasts[index] }
}
