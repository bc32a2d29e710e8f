import Inference
import OpenAIProtocol
import Platform
import Tokenization

/// The cost of turning text into tokens, on one core.
package struct TextCost: Sendable, Hashable {
    package let vocabulary: Int
    /// Median seconds to open the tokenizer's file and make the tokenizer.
    package let loadSeconds: Double
    package let texts: Int
    package let bytes: Int
    package let tokens: Int
    /// Seconds to encode all texts the first time.
    package let firstSeconds: Double
    /// Median seconds to encode all texts after the first time.
    package let laterSeconds: Double
    /// Median seconds to render a chat of `TextBench.turns` turns with the model's template; nil without a template.
    package let renderSeconds: Double?
}

/// Times the tokenizer and the chat template of a model.
package struct TextBench: Sendable {
    /// The number of messages in the rendered chat.
    package static let turns = 20
    private let path: String
    private let texts: [[UInt8]]

    /// - Parameters:
    ///   - path: a GGUF file, which may hold a vocabulary alone, or a tokenizer.json.
    ///   - texts: a file with a text in each line; if a line is a JSON object with a string `prompt`, the string is the
    ///     text.
    /// - Throws: `BenchmarkError` if the texts cannot be read, or there are none.
    package init(path: String, texts: String) throws(BenchmarkError) {
        self.path = path
        self.texts = try SmallFile.read(texts, most: 1 << 30, orThrow: { BenchmarkError(.badWorkload, $0) }).split(
            separator: UInt8(ascii: "\n")
        ).map { line in
            if let prompt = (try? JSONParser.parse(Array(line)))?["prompt"]?.string { return Array(prompt.utf8) }
            return Array(line)
        }
        guard !self.texts.isEmpty else {
            throw BenchmarkError(.badWorkload, "\(texts) has 0 texts; at least 1 is needed")
        }
    }

    /// Loads the tokenizer and encodes the texts `repeats` times, at least twice.
    /// - Throws: the errors of reading the tokenizer, and `TokenizationError` for a text that is not UTF-8.
    package func measure(repeats: Int) throws -> TextCost {
        let clock = ContinuousClock()
        var loads: [Double] = []
        var encodes: [Double] = []
        var tokens = 0
        var tokenizer = try TextModel.tokenizer(path: path)
        for _ in 0..<max(2, repeats) {
            loads.append(try clock.measure { tokenizer = try TextModel.tokenizer(path: path) }.seconds)
        }
        for _ in 0..<max(2, repeats) {
            tokens = 0
            encodes.append(
                try clock.measure {
                    for text in texts {
                        tokens += try tokenizer.encode(utf8: text, special: .asText, addingSequenceTokens: false).count
                    }
                }.seconds)
        }
        return TextCost(
            vocabulary: tokenizer.vocabularySize, loadSeconds: median(loads), texts: texts.count,
            bytes: texts.reduce(0) { $0 + $1.count }, tokens: tokens, firstSeconds: encodes[0],
            laterSeconds: median(Array(encodes.dropFirst())), renderSeconds: try renderSeconds(clock, repeats))
    }

    /// The median over 20 renderings per repeat, after one that does not count.
    private func renderSeconds(_ clock: ContinuousClock, _ repeats: Int) throws -> Double? {
        guard !path.hasSuffix(".json") else { return nil }
        let model = try TextModel(path: path)
        guard let template = try model.chatTemplate?.get() else { return nil }
        let messages = (0..<Self.turns).map { turn in
            ChatMessage(
                role: turn % 2 == 0 ? .user : .assistant,
                content: String(decoding: texts[turn % texts.count].prefix(400), as: UTF8.self))
        }
        var times: [Double] = []
        for _ in 0...20 * max(1, repeats) {
            times.append(
                try clock.measure {
                    _ = try ChatPrompt(model: model).segments(messages, tools: nil, template: template)
                }.seconds)
        }
        return median(Array(times.dropFirst()))
    }

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
