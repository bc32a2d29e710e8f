import Foundation

/// Unicode's canonical composition (NFC), as the reference tokenizers do it: by the tables of Unicode 9.
///
/// A character that came later neither composes nor is reordered, so that it parts the text into stretches that are
/// composed one by one. On the characters of Unicode 9, tables of later versions do not differ: normalisation is stable
/// by policy.
struct Composition {
    private static let tableVersion = 9

    private var composed: [UInt8] = []
    /// Characters that Foundation is yet to compose.
    private var stretch = String.UnicodeScalarView()
    /// The Hangul character at the end of the text so far, which the next one may join; not in `composed` yet.
    private var hangul: Unicode.Scalar?

    /// The composed text, or nil if nothing in the text can compose or decompose.
    /// - Parameter bytes: valid UTF-8.
    static func composed(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        // U+0300, the first character that takes part, begins with the byte 0xCC.
        guard bytes.contains(where: { $0 >= 0xCC }) else { return nil }
        var composition = Composition()
        composition.composed.reserveCapacity(bytes.count)
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars { composition.append(scalar) }
        composition.endStretch()
        composition.endHangul()
        return composition.composed
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        if Hangul.contains(scalar) {
            // Hangul joins with nothing else, and Foundation on Linux joins some of it wrongly.
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
        // Three Tibetan vowel signs decompose into marks that Foundation on Linux would not reorder. Given apart, they
        // are: the signs never compose again.
        switch scalar.value {
        case 0x0F73: stretch.append(contentsOf: ["\u{F71}", "\u{F72}"])
        case 0x0F75: stretch.append(contentsOf: ["\u{F71}", "\u{F74}"])
        case 0x0F81: stretch.append(contentsOf: ["\u{F71}", "\u{F80}"])
        default: stretch.append(scalar)
        }
    }

    private static func isInTables(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x300 { return true }
        guard let age = scalar.properties.age else { return false }
        return age.major <= tableVersion
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

/// The arithmetic of Hangul syllables (Unicode, section 3.12).
private enum Hangul {
    /// Whether the character is a jamo or a syllable.
    static func contains(_ scalar: Unicode.Scalar) -> Bool {
        (0x1100...0x11FF).contains(scalar.value) || (0xAC00...0xD7A3).contains(scalar.value)
    }

    /// The syllable that two neighbours make: a leading consonant and a vowel, or an open syllable and a final
    /// consonant.
    static func join(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
        switch (first.value, second.value) {
        case (0x1100...0x1112, 0x1161...0x1175):
            return Unicode.Scalar(0xAC00 + ((first.value - 0x1100) * 21 + second.value - 0x1161) * 28)
        case (0xAC00...0xD7A3, 0x11A8...0x11C2) where (first.value - 0xAC00) % 28 == 0:
            return Unicode.Scalar(first.value + second.value - 0x11A7)
        default:
            return nil
        }
    }
}
