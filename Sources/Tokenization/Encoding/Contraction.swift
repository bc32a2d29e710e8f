/// The English contractions that are words of their own: 's 't 're 've 'm 'll 'd.
enum Contraction {
    /// The end of the contraction at `start`, if there is one.
    @inline(__always)
    static func end(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int, ignoringCase: Bool
    ) -> Int? {
        guard bytes[start] == 0x27, start + 1 < end else { return nil }
        return tail(bytes, from: start + 1, to: end, ignoringCase: ignoringCase)
    }

    private static func tail(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int, ignoringCase: Bool
    ) -> Int? {
        func letter(_ index: Int) -> UInt8 {
            let byte = bytes[index]
            return ignoringCase && (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
        }
        let second = start + 1 < end ? letter(start + 1) : 0
        switch (letter(start), second) {
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return start + 2
        case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _):
            return start + 1
        case (0xC5, 0xBF) where ignoringCase:
            // U+017F, the long s, is a case variant of s.
            return start + 2
        default:
            return nil
        }
    }
}
