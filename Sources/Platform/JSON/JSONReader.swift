/// Reads a JSON text (RFC 8259) front to back without building a tree: for files of many megabytes whose bulk goes into
/// packed arrays. `JSONParser` builds trees with it.
///
/// The bytes must be valid UTF-8. The stack is bounded by the limit on nesting, and no number is longer than
/// `maximumNumberLength`. Numbers beyond the range of a double are refused; numbers too small for a double become zero.
package struct JSONReader {
    /// The default limit on the nesting of arrays and objects.
    package static let maximumDepth = 64
    /// The most bytes that one number may take.
    package static let maximumNumberLength = 512

    private let bytes: UnsafeBufferPointer<UInt8>
    /// The offset of the next byte to read.
    package private(set) var index: Int
    private let end: Int
    /// The offset of the key that `nextKey` read last.
    package private(set) var keyStart = 0
    private var depth = 0
    private let maximumDepth: Int
    private let replacesLoneSurrogates: Bool
    /// Whether a bracket has just been opened, so that no comma precedes the next value.
    private var isFresh = false

    /// A reader of the value in `range` of `bytes`, which must stay valid as long as the reader is used.
    /// - Parameters:
    ///   - maximumDepth: how deep arrays and objects may be nested.
    ///   - replacesLoneSurrogates: whether half of a surrogate pair becomes U+FFFD instead of an error.
    package init(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>? = nil, maximumDepth: Int = Self.maximumDepth,
        replacesLoneSurrogates: Bool = false
    ) {
        self.bytes = bytes
        index = range?.lowerBound ?? 0
        end = range?.upperBound ?? bytes.count
        self.maximumDepth = maximumDepth
        self.replacesLoneSurrogates = replacesLoneSurrogates
    }

    /// An error at the next byte, or at `offset`.
    package func failure(_ problem: String, _ kind: JSONError.Kind = .syntax, at offset: Int? = nil) -> JSONError {
        let offset = offset ?? index
        return JSONError(kind, problem, at: offset, isAtEnd: offset >= end)
    }

    // MARK: Values

    /// Skips blanks and returns the first byte of the next value or sign without consuming it; 0 at the end.
    package mutating func peek() -> UInt8 {
        while index < end {
            let byte = bytes[index]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            index += 1
        }
        return 0
    }

    /// Checks that nothing but blanks is left.
    package mutating func finish() throws(JSONError) {
        _ = peek()
        guard index == end else { throw failure("expected the end after the value") }
    }

    /// Steps over a value.
    /// - Returns: where it lies.
    package mutating func skipValue() throws(JSONError) -> Range<Int> {
        let first = peek()
        let start = index
        switch first {
        case UInt8(ascii: "{"):
            try beginObject()
            while try nextKey(into: nil) { _ = try skipValue() }
        case UInt8(ascii: "["):
            try beginArray()
            while try nextElement() { _ = try skipValue() }
        case UInt8(ascii: "\""): try string(into: nil)
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: _ = try number()
        }
        return start..<index
    }

    /// Steps over `true`, `false` or `null`.
    package mutating func word(_ word: StaticString) throws(JSONError) {
        _ = peek()
        let wanted = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard index + wanted.count <= end, bytes[index..<index + wanted.count].elementsEqual(wanted) else {
            throw failure("expected a value")
        }
        index += wanted.count
    }

    // MARK: Containers

    package mutating func beginObject() throws(JSONError) { try open(UInt8(ascii: "{"), "an object") }

    package mutating func beginArray() throws(JSONError) { try open(UInt8(ascii: "["), "an array") }

    /// Steps to the value of the next member of the innermost object, and replaces the contents of `key` by the bytes
    /// of the member's key; returns false at the object's end.
    package mutating func nextKey(into key: UnsafeMutablePointer<[UInt8]>?) throws(JSONError) -> Bool {
        guard try next(UInt8(ascii: "}"), first: "a key or '}'", then: "',' or '}'") else { return false }
        guard peek() == UInt8(ascii: "\"") else {
            throw failure(index < end ? "expected a key in quotation marks" : "expected a key")
        }
        keyStart = index
        key?.pointee.removeAll(keepingCapacity: true)
        try string(into: key)
        guard peek() == UInt8(ascii: ":") else { throw failure("expected ':'") }
        index += 1
        return true
    }

    /// Steps to the next element of the innermost array; returns false at the array's end.
    package mutating func nextElement() throws(JSONError) -> Bool {
        guard try next(UInt8(ascii: "]"), first: "a value or ']'", then: "',' or ']'") else { return false }
        return true
    }

    /// Reads an object. `body` is called with each key and must consume the value.
    package mutating func forEachMember(_ body: (inout JSONReader, _ key: [UInt8]) throws -> Void) throws {
        try beginObject()
        var key: [UInt8] = []
        while try nextKey(into: &key) { try body(&self, key) }
    }

    /// Reads an array. `body` is called before each element and must consume it.
    package mutating func forEachElement(_ body: (inout JSONReader) throws -> Void) throws {
        try beginArray()
        while try nextElement() { try body(&self) }
    }

    private mutating func open(_ bracket: UInt8, _ wanted: String) throws(JSONError) {
        guard peek() == bracket else { throw failure("expected \(wanted)") }
        guard depth < maximumDepth else { throw failure("nested deeper than \(maximumDepth) levels") }
        depth += 1
        index += 1
        isFresh = true
    }

    /// Steps over a comma and returns true, or over the closing bracket and returns false.
    private mutating func next(
        _ bracket: UInt8, first: StaticString, then: StaticString
    ) throws(JSONError) -> Bool {
        let byte = peek()
        defer { isFresh = false }
        if byte == bracket {
            index += 1
            depth -= 1
            return false
        }
        if isFresh {
            guard index < end else { throw failure("expected \(first)") }
            return true
        }
        guard byte == UInt8(ascii: ",") else { throw failure("expected \(then)") }
        index += 1
        return true
    }

    // MARK: Numbers

    package mutating func number() throws(JSONError) -> JSONNumber {
        let first = peek()
        let start = index
        let isNegative = first == UInt8(ascii: "-")
        guard isNegative || isDigit(first) else { throw failure("expected a value") }
        if isNegative { index += 1 }
        var magnitude: UInt64? = 0
        if index < end, bytes[index] == UInt8(ascii: "0") {
            index += 1
            if index < end, isDigit(bytes[index]) { throw failure("a number with a leading zero") }
        } else {
            magnitude = try digits()
        }
        if index < end, bytes[index] == UInt8(ascii: ".") {
            magnitude = nil
            index += 1
            _ = try digits()
        }
        if index < end, bytes[index] | 0x20 == UInt8(ascii: "e") {
            magnitude = nil
            index += 1
            if index < end, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") { index += 1 }
            _ = try digits()
        }
        guard index - start <= Self.maximumNumberLength else {
            throw failure("a number of \(index - start) bytes, more than \(Self.maximumNumberLength)")
        }
        if let magnitude {
            if !isNegative { return Int64(exactly: magnitude).map(JSONNumber.int) ?? .unsigned(magnitude) }
            if magnitude <= Int64.min.magnitude { return .int(Int64(truncatingIfNeeded: 0 &- magnitude)) }
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        guard let number = Double(text), number.isFinite else {
            throw failure("the number \(text) is beyond the range of a double")
        }
        return .double(number)
    }

    /// Steps over one or more digits.
    /// - Returns: the digits' value; nil if it has more than 64 bits.
    private mutating func digits() throws(JSONError) -> UInt64? {
        guard index < end, isDigit(bytes[index]) else { throw failure("expected a digit") }
        var number: UInt64? = 0
        while index < end, isDigit(bytes[index]) {
            if let known = number {
                let (tens, overflow) = known.multipliedReportingOverflow(by: 10)
                let (sum, carry) = tens.addingReportingOverflow(UInt64(bytes[index] &- UInt8(ascii: "0")))
                number = overflow || carry ? nil : sum
            }
            index += 1
        }
        return number
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    // MARK: Strings

    /// Reads a string.
    package mutating func string() throws(JSONError) -> String {
        guard peek() == UInt8(ascii: "\"") else { throw failure("expected a string") }
        let start = index + 1
        var plain = start
        while plain < end, bytes[plain] != 0x22, bytes[plain] != 0x5C, bytes[plain] >= 0x20 { plain += 1 }
        if plain < end, bytes[plain] == 0x22 {
            index = plain + 1
            return String(decoding: bytes[start..<plain], as: UTF8.self)
        }
        var text: [UInt8] = []
        try string(into: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads a string and appends its bytes, with escapes resolved, to `text` unless `text` is nil.
    package mutating func string(into text: UnsafeMutablePointer<[UInt8]>?) throws(JSONError) {
        guard peek() == UInt8(ascii: "\"") else { throw failure("expected a string") }
        index += 1
        while true {
            let start = index
            while index < end, bytes[index] != 0x22, bytes[index] != 0x5C, bytes[index] >= 0x20 { index += 1 }
            text?.pointee.append(contentsOf: bytes[start..<index])
            guard index < end else { throw failure("a string without an end") }
            let stop = bytes[index]
            guard stop >= 0x20 else { throw failure("a control character in a string") }
            if stop == 0x22 { break }
            let scalar = try escape()
            text?.pointee.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
        index += 1
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        guard index + 1 < end else {
            index = end
            throw failure("a string without an end")
        }
        index += 2
        switch bytes[index - 1] {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw failure("an unknown escape", at: index - 2)
        }
    }

    /// The scalar of the `\u` escape before `index`, joined with the next escape if the two are a surrogate pair.
    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let start = index - 2
        let first = try fourHexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        if first < 0xDC00, index + 1 < end, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") {
            let back = index
            index += 2
            let second = try fourHexDigits()
            if 0xDC00...0xDFFF ~= second,
                let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
            {
                return scalar
            }
            index = back
        }
        guard replacesLoneSurrogates else { throw failure("half of a surrogate pair", at: start) }
        return "\u{FFFD}"
    }

    private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
        var number: UInt32 = 0
        for _ in 0..<4 {
            guard index < end, let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue else {
                throw failure("expected a hexadecimal digit")
            }
            number = number << 4 | UInt32(digit)
            index += 1
        }
        return number
    }
}
