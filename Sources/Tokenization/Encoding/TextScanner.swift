/// Reads characters, with their classes, from valid UTF-8.
struct TextScanner {
    let bytes: UnsafeBufferPointer<UInt8>

    /// The class of the character that starts at `index`, and its length in bytes.
    @inline(__always)
    func character(at index: Int) -> (kind: CharacterClass, length: Int) {
        let byte = bytes[index]
        if byte < 0x80 { return (CharacterClass(ascii: byte), 1) }
        let (scalar, length) = scalar(at: index)
        return (CharacterClass(scalar), length)
    }

    /// The character that starts at `index`, which is not ASCII.
    private func scalar(at index: Int) -> (Unicode.Scalar, Int) {
        let first = UInt32(bytes[index])
        let second = UInt32(bytes[index + 1] & 0x3F)
        var value = (first & 0x1F) << 6 | second
        var length = 2
        if first >= 0xF0 {
            value = (first & 0x07) << 18 | second << 12 | UInt32(bytes[index + 2] & 0x3F) << 6
            value |= UInt32(bytes[index + 3] & 0x3F)
            length = 4
        } else if first >= 0xE0 {
            value = (first & 0x0F) << 12 | second << 6 | UInt32(bytes[index + 2] & 0x3F)
            length = 3
        }
        return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
    }

    /// The end of the run of characters of class `kind` that starts at `start`.
    func endOfRun(of kind: CharacterClass, from start: Int, to end: Int) -> Int {
        var index = start
        while index < end {
            let next = character(at: index)
            guard next.kind == kind else { break }
            index += next.length
        }
        return index
    }

    /// The end of the run of white space at `start`, the start of its last character, and the end of the last line
    /// break within it.
    func whiteSpace(from start: Int, to end: Int) -> (end: Int, last: Int, lineBreakEnd: Int?) {
        var index = start
        var last = start
        var lineBreakEnd: Int?
        while index < end {
            let next = character(at: index)
            guard next.kind.isSpace else { break }
            last = index
            index += next.length
            if next.kind == .lineBreak { lineBreakEnd = index }
        }
        return (index, last, lineBreakEnd)
    }
}
