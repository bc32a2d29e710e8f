/// Reads characters, with their classes, from valid UTF-8.
struct TextScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    private let table = CharacterClassTable.shared

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The class of the character that starts at `index`, and its length in bytes.
    @inline(__always)
    func character(at index: Int) -> (kind: CharacterClass, length: Int) {
        let byte = bytes[index]
        if byte < 0x80 { return (table.kind(of: UInt32(byte)), 1) }
        let (value, length) = wideScalar(at: index)
        return (table.kind(of: value), length)
    }

    /// The character that starts at `index`, and its length in bytes.
    @inline(__always)
    func scalar(at index: Int) -> (value: UInt32, length: Int) {
        let byte = bytes[index]
        return byte < 0x80 ? (UInt32(byte), 1) : wideScalar(at: index)
    }

    @inline(__always)
    func kind(of value: UInt32) -> CharacterClass { table.kind(of: value) }

    @inline(__always)
    private func wideScalar(at index: Int) -> (value: UInt32, length: Int) {
        let first = UInt32(bytes[index])
        let second = UInt32(bytes[index + 1] & 0x3F)
        if first < 0xE0 { return ((first & 0x1F) << 6 | second, 2) }
        let third = UInt32(bytes[index + 2] & 0x3F)
        if first < 0xF0 { return ((first & 0x0F) << 12 | second << 6 | third, 3) }
        return ((first & 0x07) << 18 | second << 12 | third << 6 | UInt32(bytes[index + 3] & 0x3F), 4)
    }

    /// The end of the run, from `start` on, of characters that have any of the classes `kinds`.
    @inline(__always)
    func endOfRun(of kinds: CharacterClass, from start: Int, to end: Int) -> Int {
        var index = start
        while index < end {
            let next = character(at: index)
            guard next.kind.meets(kinds) else { break }
            index += next.length
        }
        return index
    }

    /// The end of the run, from `start` on, of characters that have none of the classes `kinds`.
    @inline(__always)
    func endOfRun(without kinds: CharacterClass, from start: Int, to end: Int) -> Int {
        var index = start
        while index < end {
            let next = character(at: index)
            guard !next.kind.meets(kinds) else { break }
            index += next.length
        }
        return index
    }

    /// The end of the run of white space at `start`, the start of the run's last character, and the end of the last
    /// line break within the run.
    func whiteSpace(from start: Int, to end: Int) -> (end: Int, last: Int, lineBreakEnd: Int?) {
        var index = start
        var last = start
        var lineBreakEnd: Int?
        while index < end {
            let next = character(at: index)
            guard next.kind.meets(.space) else { break }
            last = index
            index += next.length
            if next.kind.meets(.lineBreak) { lineBreakEnd = index }
        }
        return (index, last, lineBreakEnd)
    }
}
