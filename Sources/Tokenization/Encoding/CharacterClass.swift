/// The classes of characters that the splitting rules use. Apart from white space and line breaks, a character has at
/// most one class.
struct CharacterClass: OptionSet, Sendable {
    let rawValue: UInt8

    /// Unicode general category L.
    static let letter = CharacterClass(rawValue: 1)
    /// Unicode general category M.
    static let mark = CharacterClass(rawValue: 2)
    /// Unicode general category N.
    static let number = CharacterClass(rawValue: 4)
    /// Unicode general category P.
    static let punctuation = CharacterClass(rawValue: 8)
    /// Unicode general category S.
    static let symbol = CharacterClass(rawValue: 16)
    /// Unicode's White_Space.
    static let space = CharacterClass(rawValue: 32)
    /// U+000A and U+000D, which are white space too.
    static let lineBreak = CharacterClass(rawValue: 64)

    static let wordOrSpace: CharacterClass = [.letter, .number, .space]

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Derives the class from Unicode's properties.
    init(_ scalar: Unicode.Scalar) {
        let properties = scalar.properties
        var found: CharacterClass = properties.isWhitespace ? .space : []
        if scalar.value == 0x0A || scalar.value == 0x0D { found.insert(.lineBreak) }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: found.insert(.letter)
        case .nonspacingMark, .spacingMark, .enclosingMark: found.insert(.mark)
        case .decimalNumber, .letterNumber, .otherNumber: found.insert(.number)
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            found.insert(.punctuation)
        case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: found.insert(.symbol)
        default: break
        }
        self = found
    }

    @inline(__always)
    func meets(_ other: CharacterClass) -> Bool { rawValue & other.rawValue != 0 }
}

/// The classes of all characters below U+32400, which include every letter and every mark except the variation
/// selectors.
struct CharacterClassTable: Sendable {
    static let shared = CharacterClassTable()

    private static let limit = 0x32400
    /// Written once, and never freed: a plain pointer, so that scanners that hold the table cost no reference counting.
    private nonisolated(unsafe) let classes: UnsafePointer<CharacterClass>

    private init() {
        let classes = UnsafeMutablePointer<CharacterClass>.allocate(capacity: Self.limit)
        for value in 0..<Self.limit {
            (classes + value).initialize(to: Unicode.Scalar(UInt32(value)).map { CharacterClass($0) } ?? [])
        }
        self.classes = UnsafePointer(classes)
    }

    @inline(__always)
    func kind(of value: UInt32) -> CharacterClass {
        let index = Int(value)
        if index < Self.limit { return classes[index] }
        return Self.kindOfRare(value)
    }

    @inline(never)
    private static func kindOfRare(_ value: UInt32) -> CharacterClass {
        Unicode.Scalar(value).map { CharacterClass($0) } ?? []
    }
}
