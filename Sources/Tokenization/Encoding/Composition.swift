import Foundation

/// Unicode's canonical composition (NFC), as the reference tokenizers do it: by the tables of Unicode 9.
///
/// A character of a later version neither composes nor is reordered, so such characters divide the text into stretches
/// that are composed one by one. For the characters of Unicode 9, tables of later versions do not differ: normalisation
/// is stable by policy.
struct Composition {
    private var composed: [UInt8] = []
    /// Characters that Foundation has still to compose.
    private var stretch = String.UnicodeScalarView()
    /// The Hangul character at the end of the text so far, which the next character may join; it is not in `composed`
    /// yet.
    private var hangul: Unicode.Scalar?

    /// The composed text, or nil if nothing in the text can compose or decompose.
    ///
    /// Only stretches around characters that may compose or decompose are processed, each with the character before it.
    /// - Parameter bytes: valid UTF-8.
    static func composed(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        let scanner = TextScanner(bytes: bytes)
        var result: [UInt8] = []
        var copied = 0
        var previous = 0
        var index = 0
        while index < bytes.count {
            // U+0300, the first character that is not inert, begins with the byte 0xCC.
            if bytes[index] < 0xCC || isInert(scanner, at: index) {
                previous = index
                index += UTF8Length.of(bytes[index])
                continue
            }
            while index < bytes.count, bytes[index] >= 0xCC, !isInert(scanner, at: index) {
                index += UTF8Length.of(bytes[index])
            }
            result.append(contentsOf: bytes[copied..<previous])
            composeStretch(UnsafeBufferPointer(rebasing: bytes[previous..<index]), into: &result)
            copied = index
            previous = index
        }
        guard copied > 0 else { return nil }
        result.append(contentsOf: bytes[copied...])
        return result
    }

    /// Whether the character neither composes with its neighbours nor decomposes.
    @inline(__always)
    private static func isInert(_ scanner: TextScanner, at index: Int) -> Bool {
        let (value, _) = scanner.scalar(at: index)
        switch value {
        case 0x1100...0x11FF: return false
        // Hangul syllables, which a jamo after them may join, are the character before a stretch.
        case 0x0340...0x0344, 0x0374, 0x037E, 0x0387, 0x0958...0x09DF, 0x0A33...0x0A5E, 0x0B5C, 0x0B5D, 0x0F43...0x0FB9,
            0x1F71...0x1FFF, 0x2000, 0x2001, 0x2126, 0x212A, 0x212B, 0x2329, 0x232A, 0x2ADC, 0xF900...0xFB4F,
            0x1D15E...0x1D1C0, 0x2F800...0x2FA1F:
            guard let scalar = Unicode.Scalar(value) else { return false }
            return !scalar.properties.isFullCompositionExclusion && !scanner.kind(of: value).meets(.mark)
        default: return !scanner.kind(of: value).meets(.mark)
        }
    }

    private static func composeStretch(_ bytes: UnsafeBufferPointer<UInt8>, into result: inout [UInt8]) {
        var composition = Composition()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars { composition.append(scalar) }
        composition.endStretch()
        composition.endHangul()
        result.append(contentsOf: composition.composed)
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        if Hangul.contains(scalar) {
            // Hangul composes with no other characters, and Foundation on Linux composes some of it wrongly.
            endStretch()
            if let joined = hangul.flatMap({ Hangul.join($0, scalar) }) {
                hangul = joined
            } else {
                endHangul()
                hangul = scalar
            }
            return
        }
        endHangul()
        guard Self.isInTables(scalar) else {
            endStretch()
            emit(scalar)
            return
        }
        // Three Tibetan vowel signs decompose into marks that Foundation on Linux would not reorder. It does reorder
        // the marks if it gets them decomposed; the signs never compose again.
        switch scalar.value {
        case 0x0F73: stretch.append(contentsOf: ["\u{F71}", "\u{F72}"])
        case 0x0F75: stretch.append(contentsOf: ["\u{F71}", "\u{F74}"])
        case 0x0F81: stretch.append(contentsOf: ["\u{F71}", "\u{F80}"])
        default: stretch.append(scalar)
        }
    }

    private static func isInTables(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x300 || UnicodeVersion.nine.has(scalar)
    }

    private mutating func endStretch() {
        guard !stretch.isEmpty else { return }
        composed.append(contentsOf: String(stretch).precomposedStringWithCanonicalMapping.utf8)
        stretch.removeAll()
    }

    private mutating func endHangul() {
        if let hangul { emit(hangul) }
        hangul = nil
    }

    private mutating func emit(_ scalar: Unicode.Scalar) {
        composed.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
}
