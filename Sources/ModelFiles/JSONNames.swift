/// Finds names that an object in a JSON text has twice, which decoders pass over in silence.
///
/// Two readers that each kept another one of two such entries would see different tensors in one file. The scan follows
/// strings and brackets alone; whether the rest is JSON is left to the decoder.
struct JSONNames {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    /// For every open bracket, the names seen in it; nil for the bracket of an array.
    private var open: [Set<String>?] = []

    // The header's object, a tensor's object, the list of its dimensions.
    private static let depthLimit = 3

    /// Throws `duplicateName` where an object in the JSON text at `range` of `file` has a name twice, and `badHeader`
    /// where the text does not begin with an object or nests deeper than a header does.
    static func check(file: MappedFile, range: Range<Int>) throws(ModelFileError) {
        try file.withUnsafeBytes(in: range) { (bytes) throws(ModelFileError) in
            guard bytes.first == UInt8(ascii: "{") else {
                throw ModelFileError(.badHeader, "the header does not start with \"{\"")
            }
            // Decoders take a zero byte for a sign of UTF-16 or UTF-32, whose names this scan would not see.
            if let zero = bytes.firstIndex(of: 0) {
                throw ModelFileError(.badHeader, "the header has a zero byte at its byte \(zero)")
            }
            var names = JSONNames(bytes: bytes)
            try names.scan()
        }
    }

    private init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    private mutating func scan() throws(ModelFileError) {
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "{"): try push([])
            case UInt8(ascii: "["): try push(nil)
            case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
            case UInt8(ascii: "\""): try string()
            default: break
            }
        }
    }

    private mutating func push(_ names: Set<String>?) throws(ModelFileError) {
        guard open.count < Self.depthLimit else {
            throw ModelFileError(
                .badHeader, "the header nests deeper than \(Self.depthLimit) levels at its byte \(position - 1)")
        }
        open.append(names)
    }

    /// Steps over a string whose opening quotation mark has been read; a string before a colon is a name.
    private mutating func string() throws(ModelFileError) {
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        let text = UnsafeRawBufferPointer(rebasing: bytes[start..<min(position, bytes.count)])
        position = min(position + 1, bytes.count)
        guard isBeforeColon, let last = open.indices.last, open[last] != nil else { return }
        let name = Self.unescaped(text)
        guard open[last]?.insert(name).inserted == true else {
            throw ModelFileError(.duplicateName, "the header has the name \(quoted(name)) twice in one object")
        }
    }

    private var isBeforeColon: Bool {
        bytes[position...].first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: ":")
    }

    /// The text of a string literal: escapes replaced, and whatever is no text or no escape left to the decoder.
    private static func unescaped(_ literal: UnsafeRawBufferPointer) -> String {
        guard literal.contains(UInt8(ascii: "\\")) else { return String(decoding: literal, as: UTF8.self) }
        let simple: [UInt8: UInt16] = [
            UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D,
            UInt8(ascii: "t"): 0x09,
        ]
        var units: [UInt16] = []
        var rest = literal[...]
        while let byte = rest.first {
            guard byte == UInt8(ascii: "\\") else {
                let plain = rest.prefix { $0 != UInt8(ascii: "\\") }
                units.append(contentsOf: String(decoding: plain, as: UTF8.self).utf16)
                rest = rest.dropFirst(plain.count)
                continue
            }
            guard let kind = rest.dropFirst().first else { break }
            let digits = String(decoding: rest.dropFirst(2).prefix(4), as: UTF8.self)
            if kind == UInt8(ascii: "u"), let unit = UInt16(digits, radix: 16) {
                units.append(unit)
                rest = rest.dropFirst(6)
            } else {
                units.append(simple[kind] ?? UInt16(kind))
                rest = rest.dropFirst(2)
            }
        }
        return String(decoding: units, as: UTF16.self)
    }
}
