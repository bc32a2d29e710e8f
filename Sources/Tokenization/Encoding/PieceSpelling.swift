/// How SentencePiece and similar tokenizers spell pieces: the space as U+2581, single bytes as `<0x41>`.
enum PieceSpelling {
    /// Appends the text of a spelling.
    static func append(_ spelling: some Collection<UInt8>, to text: inout [UInt8]) {
        let start = text.count
        for byte in spelling {
            text.append(byte)
            if byte == 0x81, text.count >= start + 3, text[text.count - 2] == 0x96, text[text.count - 3] == 0xE2 {
                text.removeLast(3)
                text.append(0x20)
            }
        }
    }

    /// The byte that a spelling such as `<0x41>` means; nil for any other text.
    static func byte(_ spelling: ArraySlice<UInt8>) -> UInt8? {
        let digits = spelling.dropFirst(3).dropLast()
        guard spelling.count == 6, spelling.starts(with: "<0x".utf8), spelling.last == UInt8(ascii: ">") else {
            return nil
        }
        return digits.allSatisfy(isHexadecimal) ? UInt8(String(decoding: digits, as: UTF8.self), radix: 16) : nil
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }

    /// Whether U+2581 occurs in the text.
    static func occurs(in text: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        while index + 2 < text.count {
            if text[index] == 0xE2, text[index + 1] == 0x96, text[index + 2] == 0x81 { return true }
            index += 1
        }
        return false
    }
}
