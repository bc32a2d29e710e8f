/// The classes of characters that the pre-tokenizers' rules speak of.
enum CharacterClass {
    /// Unicode general category L.
    case letter
    /// Unicode general category N.
    case number
    /// U+000A and U+000D. White space too.
    case lineBreak
    /// The rest of Unicode's White_Space.
    case space
    case other

    var isSpace: Bool { self == .space || self == .lineBreak }

    init(_ scalar: Unicode.Scalar) {
        let properties = scalar.properties
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: self = .letter
        case .decimalNumber, .letterNumber, .otherNumber: self = .number
        default: self = properties.isWhitespace ? .space : .other
        }
    }

    /// The class of an ASCII byte.
    init(ascii byte: UInt8) {
        switch byte {
        case 0x61...0x7A, 0x41...0x5A: self = .letter
        case 0x30...0x39: self = .number
        case 0x0A, 0x0D: self = .lineBreak
        case 0x20, 0x09, 0x0B, 0x0C: self = .space
        default: self = .other
        }
    }
}
