import BatchInference
import Inference
import OpenAIProtocol
import Platform
import Scheduling
import Tokenization

/// One request of a benchmark: it runs greedily, past end-of-sequence tokens, to exactly `outputTokens` tokens.
package struct WorkloadRequest: Sendable, Hashable {
    package let id: String
    /// The prompt as plain text, without a chat template, in the model's tokens.
    package let prompt: [TokenID]
    package let outputTokens: Int
    /// The text of the prompt in the file.
    let text: PromptText
    /// The answer length that a learned predictor expects: from the file, or from a predictor that was asked since.
    var forecast: LengthForecast?
}

/// A file of requests with known lengths, one per line: `{"id", "prompt", "prompt_tokens", "output_tokens"}`, and
/// optionally a `forecast` of eight lengths.
package struct Workload: Sendable {
    /// The file's name, without its folders.
    package let name: String
    package private(set) var requests: [WorkloadRequest]

    private static let mostBytes = 1 << 30

    /// - Parameter limit: the number of requests to take from the beginning; nil takes all.
    /// - Throws: `BenchmarkError` that names the line and what is wrong with it. A prompt whose number of tokens is not
    ///   `prompt_tokens` is an error too; `prompt_tokens` may be left out.
    package init(path: String, model: TextModel, limit: Int? = nil) throws(BenchmarkError) {
        name = path.split(separator: "/").last.map(String.init) ?? path
        let bytes = try SmallFile.read(path, most: Self.mostBytes) { BenchmarkError(.badWorkload, $0) }
        var requests: [WorkloadRequest] = []
        var seen: Set<String> = []
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            if let limit, requests.count >= limit { break }
            if line.allSatisfy({ $0 <= UInt8(ascii: " ") }) { continue }
            let place = "\(path), line \(index + 1)"
            let request = try Self.request(Array(line), place: place, model: model)
            guard seen.insert(request.id).inserted else {
                throw BenchmarkError(.badWorkload, "\(place): the id '\(request.id)' stands twice")
            }
            requests.append(request)
        }
        guard !requests.isEmpty else {
            throw BenchmarkError(.badWorkload, "\(path) has 0 requests; at least 1 is needed")
        }
        if let limit, requests.count < limit {
            throw BenchmarkError(.badWorkload, "\(path) has \(requests.count) requests; \(limit) were asked for")
        }
        self.requests = requests
    }

    private static func request(
        _ line: [UInt8], place: String, model: TextModel
    ) throws(BenchmarkError) -> WorkloadRequest {
        func wrong(_ what: String) -> BenchmarkError { BenchmarkError(.badWorkload, "\(place): \(what)") }
        let value: JSONValue
        do { value = try JSONParser.parse(line) } catch { throw wrong("\(error)") }
        guard let id = value["id"]?.string else { throw wrong("there is no id, or it is not a string") }
        guard let text = value["prompt"]?.string else { throw wrong("there is no prompt, or it is not a string") }
        func count(_ key: String) throws(BenchmarkError) -> Int? {
            guard let field = value[key] else { return nil }
            guard let number = field.integer.flatMap({ Int(exactly: $0) }), (1...1 << 30).contains(number) else {
                throw wrong("\(key) must be an integer in 1...\(1 << 30)")
            }
            return number
        }
        guard let output = try count("output_tokens") else { throw wrong("there is no output_tokens") }
        let prompt: [TokenID]
        do {
            prompt = try model.tokenizer.encode(text, special: .asText, addingSequenceTokens: true)
        } catch {
            throw wrong("prompt: \(error)")
        }
        if let expected = try count("prompt_tokens"), expected != prompt.count {
            throw wrong(
                "prompt_tokens is \(expected), and the prompt has \(prompt.count) tokens with model \(model.name)")
        }
        let forecast: LengthForecast?
        do { forecast = try LengthForecast(workloadLine: value) } catch { throw wrong(error.message) }
        return WorkloadRequest(
            id: id, prompt: prompt, outputTokens: output, text: PromptText(text: text), forecast: forecast)
    }

    /// Replaces the forecasts of the file by those of a learned predictor.
    mutating func predict(with forecaster: LengthForecaster) throws {
        let forecasts = try forecaster.forecasts(
            for: requests.map { .init(text: $0.text.text, promptTokens: $0.prompt.count) })
        for (index, forecast) in forecasts.enumerated() { requests[index].forecast = forecast }
    }

    package var promptTokens: Int { requests.reduce(0) { $0 + $1.prompt.count } }
    package var outputTokens: Int { requests.reduce(0) { $0 + $1.outputTokens } }
}
