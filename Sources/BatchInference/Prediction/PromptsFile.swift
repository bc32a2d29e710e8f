import Inference
import OpenAIProtocol
import Platform

/// The texts of prompts, by the digests that name them in a history: of a file of requests, as `run` reads it, or of a
/// benchmark's workload.
package struct PromptsFile {
    /// Looked up, never iterated.
    private var texts: [UInt64: String] = [:]
    /// Lines that hold no prompt.
    private(set) var refused = 0

    /// - Throws: `ProtocolError` for a file that cannot be read.
    package init(path: String, model: TextModel) throws {
        let input = try InputFile(path: path)
        for index in 0..<input.count {
            switch try input.line(at: index) {
            case .request(let request): add(PromptText(request.prompt, tokenizer: model.tokenizer))
            case .invalid:
                // A workload's line is no request.
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

    /// The text that a digest names.
    package subscript(digest: UInt64) -> String? { texts[digest] }
}
