/// GPT-2's spelling of bytes as printable characters, in which byte-level vocabularies are written.
///
/// Printable Latin-1 bytes spell themselves; the other 68 bytes, in order, are written U+0100 and upwards. The space is
/// thus `Ġ`.
enum ByteAlphabet {
    /// The byte that a scalar spells, or -1; indexed by the scalar's value.
    private static let byteOfScalar: [Int16] = {
        var table = [Int16](repeating: -1, count: 0x144)
        var next = 0x100
        for byte in 0..<256 {
            let isPrintable = (33...126).contains(byte) || (161...172).contains(byte) || byte >= 174
            if isPrintable {
                table[byte] = Int16(byte)
            } else {
                table[next] = Int16(byte)
                next += 1
            }
        }
        return table
    }()

    /// Appends the bytes that `spelling` (UTF-8) spells.
    /// - Returns: false, with nothing appended, if `spelling` holds a character outside the alphabet.
    static func decode(_ spelling: some RandomAccessCollection<UInt8>, into bytes: inout [UInt8]) -> Bool {
        let start = bytes.count
        let table = byteOfScalar
        var index = spelling.startIndex
        while index != spelling.endIndex {
            let first = spelling[index]
            spelling.formIndex(after: &index)
            var scalar = Int(first)
            if first >= 0x80 {
                // The alphabet ends below U+0800: only two-byte sequences can belong to it.
                guard (0xC2...0xDF).contains(first), index != spelling.endIndex else { return undo(start, &bytes) }
                let second = spelling[index]
                guard second & 0xC0 == 0x80 else { return undo(start, &bytes) }
                spelling.formIndex(after: &index)
                scalar = Int(first & 0x1F) << 6 | Int(second & 0x3F)
            }
            guard scalar < table.count, table[scalar] >= 0 else { return undo(start, &bytes) }
            bytes.append(UInt8(table[scalar]))
        }
        return true
    }

    private static func undo(_ count: Int, _ bytes: inout [UInt8]) -> Bool {
        bytes.removeLast(bytes.count - count)
        return false
    }
}
