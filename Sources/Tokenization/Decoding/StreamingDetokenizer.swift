/// Turns an answer's tokens into text as they come, whole characters at a time.
///
/// The emitted texts, joined, equal the result of `Tokenizer.decode` for all the tokens at once.
public struct StreamingDetokenizer: Sendable {
    private let tokenizer: Tokenizer
    /// The beginning of a character whose rest has not come yet: at most three bytes between calls.
    private var pending: [UInt8] = []
    /// Whether no token has given any text yet.
    private var isStart = true

    public init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

    /// Takes the next token.
    /// - Returns: the characters that are complete now; U+FFFD for bytes that cannot become a character. Special
    ///   tokens, and ids outside the vocabulary, yield no text.
    public mutating func append(_ token: Int32) -> String {
        tokenizer.append(bytesOf: token, isStart: &isStart, to: &pending)
        let whole = pending.count - Self.unfinishedSuffix(pending)
        guard whole > 0 else { return "" }
        let text = String(decoding: pending[..<whole], as: UTF8.self)
        pending.removeFirst(whole)
        return text
    }

    /// Ends the answer.
    /// - Returns: U+FFFD if the answer broke off within a character, else nothing.
    public mutating func finish() -> String {
        defer { pending.removeAll() }
        return String(decoding: pending, as: UTF8.self)
    }

    /// The number of bytes at the end that are a proper prefix of a well-formed character.
    private static func unfinishedSuffix(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let lead = bytes[bytes.count - length]
            if lead & 0xC0 == 0x80 { continue }
            return isBeginning(bytes.suffix(length), lead: lead) ? length : 0
        }
        return 0
    }

    private static func isBeginning(_ bytes: ArraySlice<UInt8>, lead: UInt8) -> Bool {
        let needed: Int
        switch lead {
        case 0xC2...0xDF: needed = 2
        case 0xE0...0xEF: needed = 3
        case 0xF0...0xF4: needed = 4
        default: return false
        }
        guard bytes.count < needed else { return false }
        guard bytes.count > 1 else { return true }
        // The second byte's range excludes over-long forms, surrogates and numbers above U+10FFFF.
        let second = bytes[bytes.startIndex + 1]
        switch lead {
        case 0xE0: return second >= 0xA0
        case 0xED: return second <= 0x9F
        case 0xF0: return second >= 0x90
        case 0xF4: return second <= 0x8F
        default: return true
        }
    }
}
