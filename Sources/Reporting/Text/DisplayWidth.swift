extension String {
    /// The number of terminal columns that the text takes, roughly: two for East Asian wide characters and emoji, none
    /// for control characters, one for every other character with its combining marks.
    var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }

    /// The longest prefix of the text that fits into `columns`, ending in `ellipsis` if something was cut.
    func truncated(toWidth columns: Int, ellipsis: String = "…") -> String {
        guard displayWidth > columns else { return self }
        let room = columns - ellipsis.displayWidth
        guard room >= 0 else { return "" }
        var width = 0
        let kept = prefix {
            width += $0.displayWidth
            return width <= room
        }
        return kept + ellipsis
    }
}

extension Character {
    fileprivate var displayWidth: Int {
        guard let first = unicodeScalars.first else { return 0 }
        switch first.properties.generalCategory {
        case .control, .format, .nonspacingMark, .enclosingMark, .lineSeparator, .paragraphSeparator: return 0
        default: break
        }
        // U+FE0F asks for the emoji form of a character that is narrow without it.
        if first.isWide || unicodeScalars.contains("\u{FE0F}") { return 2 }
        return 1
    }
}

extension Unicode.Scalar {
    fileprivate var isWide: Bool {
        if properties.isEmojiPresentation { return true }
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
            0x16FE0...0x18DFF, 0x1B000...0x1B2FF, 0x20000...0x3FFFD:
            return true
        default: return false
        }
    }
}
