/// The rule that cuts text into words, within which BPE merges.
///
/// Each rule is a linear scanner that cuts as the regular expression of the model's reference does.
enum PreTokenizer: String, Sendable, CaseIterable {
    case smollm
    case gpt2 = "gpt-2"
    case qwen2
    case llama3 = "llama-bpe"

    static let supportedNames = allCases.map(\.rawValue).joined(separator: ", ")

    /// Whether the model's reference brings text to Unicode's composed form (NFC) first.
    var composesText: Bool { self == .qwen2 }

    /// Whether a word that is itself a token is taken whole, without regard to merges.
    var prefersWholeWords: Bool { self == .llama3 }

    /// Calls `body` with the byte range of each word in turn. The ranges cover the text.
    func forEachWord(in bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
        let scanner = TextScanner(bytes: bytes)
        switch self {
        case .smollm: DigitWise.forEachWord(scanner, body)
        case .gpt2: forEachWord(scanner, body) { GPT2Rule.endOfWord(scanner, from: $0, to: $1) }
        case .qwen2: forEachWord(scanner, body) { Llama3Rule(longestNumber: 1).endOfWord(scanner, from: $0, to: $1) }
        case .llama3: forEachWord(scanner, body) { Llama3Rule(longestNumber: 3).endOfWord(scanner, from: $0, to: $1) }
        }
    }

    @inline(__always)
    private func forEachWord(_ scanner: TextScanner, _ body: (Range<Int>) -> Void, endOfWord: (Int, Int) -> Int) {
        let end = scanner.bytes.count
        var start = 0
        while start < end {
            let next = endOfWord(start, end)
            body(start..<next)
            start = next
        }
    }
}

/// SmolLM's rule: every numeric character alone, and GPT-2's rule on each stretch between them.
private enum DigitWise {
    static func forEachWord(_ scanner: TextScanner, _ body: (Range<Int>) -> Void) {
        let end = scanner.bytes.count
        var start = 0
        while start < end {
            let first = scanner.character(at: start)
            if first.kind == .number {
                body(start..<start + first.length)
                start += first.length
                continue
            }
            let stretchEnd = endOfStretch(scanner, from: start, to: end)
            while start < stretchEnd {
                let next = GPT2Rule.endOfWord(scanner, from: start, to: stretchEnd)
                body(start..<next)
                start = next
            }
        }
    }

    private static func endOfStretch(_ scanner: TextScanner, from start: Int, to end: Int) -> Int {
        var index = start
        while index < end {
            let next = scanner.character(at: index)
            if next.kind == .number { break }
            index += next.length
        }
        return index
    }
}
