/// The rules that cut text into words, within which BPE merges.
struct PreTokenizer: Sendable {
    /// The steps; each step cuts the pieces of the step before.
    let rules: [SplitRule]
    /// Whether the model's reference first composes text (NFC).
    var composesText = false
    /// Whether a word that is itself a token is taken whole, without regard to merges.
    var prefersWholeWords = false

    /// Calls `body` with the byte range of each word in turn.
    @inline(__always)
    func forEachWord(in bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
        let scanner = TextScanner(bytes: bytes)
        rules.withUnsafeBufferPointer { Self.cut(scanner, 0..<bytes.count, by: $0[...], body) }
    }

    private static func cut(
        _ scanner: TextScanner, _ piece: Range<Int>, by rules: Slice<UnsafeBufferPointer<SplitRule>>,
        _ body: (Range<Int>) -> Void
    ) {
        guard !piece.isEmpty else { return }
        guard let rule = rules.first else { return body(piece) }
        let rest = rules.dropFirst()
        let end = piece.upperBound
        var start = piece.lowerBound
        while let match = rule.nextMatch(scanner, from: start, to: end) {
            if !rule.dropsRest { cut(scanner, start..<match.lowerBound, by: rest, body) }
            if rest.isEmpty { body(match) } else { cut(scanner, match, by: rest, body) }
            start = match.upperBound
        }
        if !rule.dropsRest { cut(scanner, start..<end, by: rest, body) }
    }
}

extension PreTokenizer {
    /// The pre-tokenizers that GGUF files name.
    static let names = [
        "command-r", "deepseek-coder", "deepseek-llm", "deepseek-r1-qwen", "deepseek-v3", "falcon", "gpt-2",
        "llama-bpe",
        "llama3", "mpt", "qwen2", "qwen35", "refact", "smollm", "starcoder",
    ]

    /// The pre-tokenizer with the name `name`, if there is one.
    init?(named name: String) {
        switch name {
        case "gpt-2": self.init(rules: [.gpt2Words])
        case "mpt": self.init(rules: [.gpt2Words], composesText: true)
        case "smollm", "starcoder", "refact": self.init(rules: [.digits, .gpt2Words])
        case "command-r": self.init(rules: [.digits, .gpt2Words], composesText: true)
        case "llama-bpe", "llama3":
            self.init(rules: [.llama3Words(longestNumber: 3, marksInWords: false)], prefersWholeWords: true)
        case "qwen2", "deepseek-r1-qwen":
            self.init(rules: [.llama3Words(longestNumber: 1, marksInWords: false)], composesText: true)
        case "qwen35": self.init(rules: [.llama3Words(longestNumber: 1, marksInWords: true)])
        case "falcon": self.init(rules: [.punctuation, .gpt2Words, .threeDigits])
        case "deepseek-llm":
            self.init(rules: [
                .lineBreaks, .deepSeekLetters, .deepSeekPunctuation, .trailingSpace, .deepSeekIdeographs, .digits,
            ])
        case "deepseek-coder":
            self.init(rules: [.lineBreaks, .letters, .punctuationMarks, .deepSeekIdeographs, .digits])
        case "deepseek-v3": self.init(rules: [.numbers(longest: 3), .ideographsAndKana, .deepSeekV3Words])
        default: return nil
        }
    }
}
