import Inference
import OpenAIProtocol
import Platform

/// The texts of prompts by their digests in a history: from a file of requests in the form that `run` reads, or from a
/// benchmark's workload.
package struct PromptsFile {
    /// The text of each digest. For look-up only; never iterated.
    private var texts: [UInt64: String] = [:]
    /// The number of lines without a prompt.
    private(set) var refused = 0

    /// - Throws: `BatchError` for a file that cannot be read.
    package init(path: String, model: TextModel) throws {
        let input = try InputFile(path: path)
        for index in 0..<input.count {
            switch try input.line(at: index) {
            case .request(let request): add(PromptText(request.prompt, tokenizer: model.tokenizer))
            case .invalid:
                // The line is not a request, but it may be a line of a workload.
                if let text = try Self.workloadPrompt(input.bytes(at: index)) {
                    add(PromptText(text: text))
                } else {
                    refused += 1
                }
            }
        }
    }

    private static func workloadPrompt(_ line: [UInt8]) -> String? {
        guard let value = try? JSONParser.parse(line), value["output_tokens"] != nil else { return nil }
        return value["prompt"]?.string
    }

    private mutating func add(_ prompt: PromptText) { texts[prompt.digest] = prompt.text }

    /// The text of a digest; nil if the file does not have it.
    package subscript(digest: UInt64) -> String? { texts[digest] }
}
