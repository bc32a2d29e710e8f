/// The arithmetic of Hangul syllables (Unicode, section 3.12).
enum Hangul {
    /// The jamo that make up a syllable, or nil for any other character.
    static func decomposed(_ scalar: Unicode.Scalar) -> [Unicode.Scalar]? {
        guard (0xAC00...0xD7A3).contains(scalar.value) else { return nil }
        let index = scalar.value - 0xAC00
        var jamo = [0x1100 + index / 588, 0x1161 + index % 588 / 28]
        if index % 28 > 0 { jamo.append(0x11A7 + index % 28) }
        return jamo.compactMap { Unicode.Scalar($0) }
    }

    /// Whether the character is a jamo or a syllable.
    static func contains(_ scalar: Unicode.Scalar) -> Bool {
        (0x1100...0x11FF).contains(scalar.value) || (0xAC00...0xD7A3).contains(scalar.value)
    }

    /// The syllable that two neighbouring characters join into: a leading consonant and a vowel, or an open syllable
    /// and a final consonant.
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
