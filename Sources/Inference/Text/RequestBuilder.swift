import OpenAIProtocol
import Platform
import Scheduling
import Tokenization

/// Turns a parsed request into specs for the engine: tokens, stop tokens and the key of its random numbers.
package struct RequestBuilder: Sendable {
    package let model: TextModel
    package let ignoresEOS: Bool

    package init(model: TextModel, ignoresEOS: Bool) {
        self.model = model
        self.ignoresEOS = ignoresEOS
    }

    /// One spec for each of the request's `n` choices. Ids are `firstID`, `firstID` + 1, ...
    /// - Parameter forecast: the length that a learned predictor expects of each answer.
    /// - Throws: `ProtocolError` for a request that the model cannot answer.
    package func specs(
        for request: GenerationRequest, firstID: Int, forecast: LengthForecast? = nil
    ) throws(ProtocolError) -> [RequestSpec] {
        try checkNumbers(of: request)
        let prompt = try tokens(of: request)
        let stops = try stopTokens(of: request)
        var sampling = request.sampling
        for entry in sampling.logitBias { try check(entry.token, "logit_bias") }
        if sampling.minTokens > 0 { sampling.suppressedUntilMinimum = stops }
        return (0..<request.n).map { choice in
            var sampling = sampling
            // Greedy draws use no key; without a key, greedy requests have equal parameters.
            if sampling.temperature > 0 { sampling.seedKey = seedKey(request, choice: choice) }
            return RequestSpec(
                id: RequestID(firstID + choice), prompt: prompt, maxNewTokens: request.maxTokens, stopTokens: stops,
                sampling: sampling, forecast: forecast)
        }
    }

    /// Checks the numbers that the parser of a request file has checked already, but that a program may have got wrong.
    private func checkNumbers(of request: GenerationRequest) throws(ProtocolError) {
        guard GenerationRequest.choices.contains(request.n) else {
            let limits = GenerationRequest.choices
            throw ProtocolError(
                .invalidValue, "n must be \(limits.lowerBound) to \(limits.upperBound), the value is \(request.n)",
                param: "n")
        }
        let temperature = request.sampling.temperature
        guard (0...2).contains(temperature) else {
            throw ProtocolError(
                .invalidValue, "temperature must be 0 to 2, the value is \(temperature)", param: "temperature")
        }
    }

    /// The tokens of a request's prompt.
    /// - Throws: `ProtocolError` for a prompt that the model cannot take.
    package func tokens(of request: GenerationRequest) throws(ProtocolError) -> [TokenID] {
        do {
            switch request.prompt {
            case .tokens(let tokens):
                for token in tokens { try check(token, "prompt") }
                return tokens
            case .text(let text):
                return try model.tokenizer.encode(text, special: .asText, addingSequenceTokens: true)
            case .messages(let messages, let tools):
                return try ChatPrompt(model: model).tokens(messages, tools: tools)
            }
        } catch let error as ProtocolError {
            throw error
        } catch {
            let field = request.endpoint == .chat ? "messages" : "prompt"
            throw ProtocolError(.invalidValue, "\(field): \(error)", param: field)
        }
    }

    private func stopTokens(of request: GenerationRequest) throws(ProtocolError) -> [TokenID] {
        for token in request.stopTokenIDs { try check(token, "stop_token_ids") }
        let own = request.ignoreEOS || ignoresEOS ? [] : model.tokenizer.endOfGeneration
        return own + request.stopTokenIDs.filter { !own.contains($0) }
    }

    private func check(_ token: TokenID, _ field: String) throws(ProtocolError) {
        guard token >= 0, Int(token) < model.tokenizer.vocabularySize else {
            throw ProtocolError(
                .invalidValue,
                "\(field) names token \(token); the vocabulary has \(model.tokenizer.vocabularySize) tokens",
                param: field)
        }
    }

    /// The key of a choice's random numbers. With a seed, equal requests draw equal answers. Without a seed, the
    /// request's id takes its place, so that a request draws the same answer in any file and any order.
    private func seedKey(_ request: GenerationRequest, choice: Int) -> UInt64 {
        var digest = RequestDigest()
        if request.seed == nil { digest.update(request.customID.utf8) }
        let origin = request.seed.map { UInt64(bitPattern: $0) } ?? digest.value
        return CounterRandom.mix(CounterRandom.mix(origin) &+ UInt64(choice))
    }
}
