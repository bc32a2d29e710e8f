/// Reads JSON from bytes front to back, without a tree: for files of many megabytes whose bulk goes into packed arrays.
///
/// The bytes must be valid UTF-8. Nesting is limited to 64 levels.
struct JSONScanner {
    private static let deepest = 64

    private let bytes: UnsafeBufferPointer<UInt8>
    private var index: Int
    private let end: Int
    private var depth = 0

    /// A scanner of the value in `range` of `bytes`, which must stay valid as long as the scanner is used.
    init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        self.bytes = bytes
        index = range.lowerBound
        end = range.upperBound
    }

    func failure(_ what: String) -> TokenizationError {
        TokenizationError(.malformedFile, "tokenizer.json, byte \(index): \(what)")
    }

    /// The first byte of the next value, which is not consumed; 0 at the end.
    mutating func peek() -> UInt8 {
        while index < end {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09: index += 1
            default: return bytes[index]
            }
        }
        return 0
    }

    private mutating func expect(_ byte: UInt8) throws(TokenizationError) {
        guard peek() == byte else {
            let found = index < end ? "'\(Character(Unicode.Scalar(bytes[index])))'" : "the end"
            throw failure("'\(Character(Unicode.Scalar(byte)))' expected, \(found) found")
        }
        index += 1
    }

    /// Checks that nothing but white space is left.
    mutating func finish() throws(TokenizationError) {
        guard peek() == 0, index == end else { throw failure("the end expected, more found") }
    }

    // MARK: - Containers

    /// Reads an object. `body` is called with each key and must consume the value.
    mutating func forEachMember(
        _ body: (inout JSONScanner, _ key: [UInt8]) throws(TokenizationError) -> Void
    ) throws(TokenizationError) {
        try enter(UInt8(ascii: "{"))
        var key: [UInt8] = []
        if peek() == UInt8(ascii: "}") { return try leave(UInt8(ascii: "}")) }
        while true {
            key.removeAll(keepingCapacity: true)
            try string(into: &key)
            try expect(UInt8(ascii: ":"))
            try body(&self, key)
            if peek() != UInt8(ascii: ",") { return try leave(UInt8(ascii: "}")) }
            index += 1
        }
    }

    /// Reads an array. `body` is called before each element and must consume it.
    mutating func forEachElement(
        _ body: (inout JSONScanner) throws(TokenizationError) -> Void
    ) throws(TokenizationError) {
        try enter(UInt8(ascii: "["))
        if peek() == UInt8(ascii: "]") { return try leave(UInt8(ascii: "]")) }
        while true {
            try body(&self)
            if peek() != UInt8(ascii: ",") { return try leave(UInt8(ascii: "]")) }
            index += 1
        }
    }

    private mutating func enter(_ bracket: UInt8) throws(TokenizationError) {
        try expect(bracket)
        depth += 1
        guard depth <= Self.deepest else { throw failure("more than \(Self.deepest) levels of nesting") }
    }

    private mutating func leave(_ bracket: UInt8) throws(TokenizationError) {
        try expect(bracket)
        depth -= 1
    }

    /// Steps over a value.
    /// - Returns: where it lies.
    mutating func skipValue() throws(TokenizationError) -> Range<Int> {
        let first = peek()
        let start = index
        switch first {
        case UInt8(ascii: "{"):
            try forEachMember { (scanner, _) throws(TokenizationError) in _ = try scanner.skipValue() }
        case UInt8(ascii: "["):
            try forEachElement { (scanner) throws(TokenizationError) in _ = try scanner.skipValue() }
        case UInt8(ascii: "\""):
            var ignored: [UInt8] = []
            try string(into: &ignored)
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        default: _ = try number()
        }
        return start..<index
    }

    // MARK: - Scalars

    mutating func literal(_ text: StaticString) throws(TokenizationError) {
        _ = peek()
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard index + wanted.count <= end, bytes[index..<index + wanted.count].elementsEqual(wanted) else {
            throw failure("'\(text)' expected")
        }
        index += wanted.count
    }

    mutating func number() throws(TokenizationError) -> Double {
        _ = peek()
        let start = index
        while index < end, index - start < 64, Self.isOfNumber(bytes[index]) { index += 1 }
        guard start < index, let value = Double(String(decoding: bytes[start..<index], as: UTF8.self)) else {
            throw failure("a value expected")
        }
        return value
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    /// Reads a string and appends its bytes, escapes resolved. A surrogate that stands alone becomes U+FFFD.
    mutating func string(into text: inout [UInt8]) throws(TokenizationError) {
        try expect(UInt8(ascii: "\""))
        while true {
            let start = index
            while index < end, bytes[index] != 0x22, bytes[index] != 0x5C, bytes[index] >= 0x20 { index += 1 }
            text.append(contentsOf: bytes[start..<index])
            guard index < end else { throw failure("a string does not end") }
            let stop = bytes[index]
            guard stop >= 0x20 else { throw failure("a control character in a string") }
            index += 1
            if stop == 0x22 { return }
            try escape(into: &text)
        }
    }

    private mutating func escape(into text: inout [UInt8]) throws(TokenizationError) {
        guard index < end else { throw failure("a string does not end") }
        let kind = bytes[index]
        index += 1
        switch kind {
        case 0x22, 0x5C, 0x2F: text.append(kind)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var value = try hexadecimal()
            if (0xD800...0xDBFF).contains(value), index + 1 < end, bytes[index] == 0x5C, bytes[index + 1] == 0x75 {
                let back = index
                index += 2
                let low = try hexadecimal()
                if (0xDC00...0xDFFF).contains(low) {
                    value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
                } else {
                    index = back
                }
            }
            let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
            text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default: throw failure("an escape of unknown kind")
        }
    }

    private mutating func hexadecimal() throws(TokenizationError) -> UInt32 {
        guard index + 4 <= end else { throw failure("a string does not end") }
        var value: UInt32 = 0
        for byte in bytes[index..<index + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("four hexadecimal digits expected")
            }
            value = value << 4 | UInt32(digit)
        }
        index += 4
        return value
    }
}
