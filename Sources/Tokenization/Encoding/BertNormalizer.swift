import Foundation

/// BERT's normal form of a text, and the words of such a text.
struct BertNormalizer: Sendable, Equatable {
    /// Whether control characters are removed and all white space becomes spaces.
    var cleansText = true
    /// Whether every ideograph is a word of its own.
    var partsIdeographs = true
    var stripsAccents = true
    var lowercases = true

    /// - Parameter text: valid UTF-8.
    func normalised(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count + text.count / 8)
        let scanner = TextScanner(bytes: text)
        var index = 0
        while index < text.count {
            let (value, length) = scanner.scalar(at: index)
            if value < 0x80 {
                appendASCII(text[index], to: &result)
            } else if let scalar = Unicode.Scalar(value) {
                append(scalar, kind: scanner.kind(of: value), to: &result)
            }
            index += length
        }
        return result
    }

    private func appendASCII(_ byte: UInt8, to result: inout [UInt8]) {
        switch byte {
        case 0x41...0x5A: result.append(lowercases ? byte | 0x20 : byte)
        case 0x09, 0x0A, 0x0D: result.append(cleansText ? 0x20 : byte)
        case 0x00..<0x20, 0x7F: if !cleansText { result.append(byte) }
        default: result.append(byte)
        }
    }

    private func append(_ scalar: Unicode.Scalar, kind: CharacterClass, to result: inout [UInt8]) {
        if cleansText {
            if kind.meets(.space) && scalar.value != 0x85 {
                result.append(0x20)
                return
            }
            if scalar.value == 0xFFFD || Self.isControl(scalar) { return }
        }
        let isParted = partsIdeographs && Self.isIdeograph(scalar.value)
        if isParted { result.append(0x20) }
        if stripsAccents {
            for part in Self.decomposed(scalar) where !Self.isAccent(part) {
                appendLowercased(part, to: &result)
            }
        } else {
            appendLowercased(scalar, to: &result)
        }
        if isParted { result.append(0x20) }
    }

    private func appendLowercased(_ scalar: Unicode.Scalar, to result: inout [UInt8]) {
        if lowercases {
            result.append(contentsOf: scalar.properties.lowercaseMapping.utf8)
        } else {
            result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .privateUse, .surrogate: UnicodeVersion.eight.has(scalar)
        default: false
        }
    }

    private static func isAccent(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .nonspacingMark && UnicodeVersion.eight.has(scalar)
    }

    /// Whether the reference counts the character as an ideograph; the gap above U+2B820 is the reference's.
    private static func isIdeograph(_ value: UInt32) -> Bool {
        switch value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
            0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }

    private static func decomposed(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        if let jamo = Hangul.decomposed(scalar) { return jamo }
        guard UnicodeVersion.nine.has(scalar) else { return [scalar] }
        return Array(String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars)
    }

    /// Calls `body` with the range of each word of a normal text: words are separated by white space, and every
    /// punctuation character is a word.
    static func forEachWord(in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
        let scanner = TextScanner(bytes: text)
        var start = 0
        var index = 0
        while index < text.count {
            let (value, length) = scanner.scalar(at: index)
            let kind = scanner.kind(of: value)
            if kind.meets(.space) || RunRule.isPunctuation(value, kind) {
                if start < index { body(start..<index) }
                start = index + length
                if !kind.meets(.space) { body(index..<start) }
            }
            index += length
        }
        if start < text.count { body(start..<text.count) }
    }
}
