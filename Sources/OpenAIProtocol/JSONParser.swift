/// A strict parser of JSON texts (RFC 8259) whose stack and memory are bounded by its input.
///
/// Beyond the grammar it refuses what readers understand in different ways: a key that stands twice in an object, half
/// of a surrogate pair, and numbers beyond the range of a double. Numbers too small for a double become zero.
public struct JSONParser {
    /// Arrays and objects may stand in each other to this depth.
    public static let maximumDepth = 64
    /// The most bytes that one number may take.
    public static let maximumNumberLength = 512

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Parses a text that is one value with nothing but blanks around it.
    ///
    /// - Throws: `invalidUTF8` or `invalidJSON`, with the offset of the byte at fault, counted from 0.
    public static func parse(_ bytes: [UInt8]) throws(ProtocolError) -> JSONValue {
        try parse(bytes, keeping: nil)
    }

    /// The same, but of the outermost object only the members with these keys are built. All others are checked for
    /// their grammar and left out, which costs no memory.
    static func parse(_ bytes: [UInt8], keeping keys: [String]?) throws(ProtocolError) -> JSONValue {
        if let offset = offsetOfInvalidUTF8(in: bytes) {
            throw ProtocolError(.invalidUTF8, "the byte at offset \(offset) is not valid UTF-8")
        }
        var parser = JSONParser(bytes)
        parser.skipBlanks()
        let value = try parser.value(depth: 0, build: true, keeping: keys)
        parser.skipBlanks()
        if parser.position < bytes.count { throw parser.failure("expected the end after the value") }
        return value
    }

    // MARK: Values

    private mutating func value(depth: Int, build: Bool, keeping keys: [String]?) throws(ProtocolError) -> JSONValue {
        switch try peek("a value") {
        case UInt8(ascii: "{"):
            return try object(depth: depth + 1, build: build, keeping: keys)
        case UInt8(ascii: "["):
            return try array(depth: depth + 1, build: build)
        case UInt8(ascii: "\""):
            return .string(try string(build: build))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return try number()
        case UInt8(ascii: "t"):
            return try word("true", .bool(true))
        case UInt8(ascii: "f"):
            return try word("false", .bool(false))
        case UInt8(ascii: "n"):
            return try word("null", .null)
        default:
            throw failure("expected a value")
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(ProtocolError) -> JSONValue {
        let end = position + word.utf8CodeUnitCount
        let matches = end <= bytes.count && word.withUTF8Buffer { bytes[position..<end].elementsEqual($0) }
        guard matches else { throw failure("expected a value") }
        position = end
        return value
    }

    private mutating func array(depth: Int, build: Bool) throws(ProtocolError) -> JSONValue {
        try open(depth)
        var elements: [JSONValue] = []
        if try peek("a value or ']'") == UInt8(ascii: "]") {
            position += 1
            return .array(elements)
        }
        while true {
            let element = try value(depth: depth, build: build, keeping: nil)
            if build { elements.append(element) }
            if try closes(with: UInt8(ascii: "]"), named: "',' or ']'") { return .array(elements) }
        }
    }

    private mutating func object(depth: Int, build: Bool, keeping keys: [String]?) throws(ProtocolError) -> JSONValue {
        try open(depth)
        var members: [JSONMember] = []
        var seen = SeenKeys()
        if try peek("a key or '}'") == UInt8(ascii: "}") {
            position += 1
            return .object(members)
        }
        while true {
            guard try peek("a key") == UInt8(ascii: "\"") else { throw failure("expected a key in quotation marks") }
            let start = position
            let key = try string(build: true)
            guard seen.insert(key) else {
                position = start
                throw failure("the key \(quoted(key)) stands twice in one object")
            }
            skipBlanks()
            guard try peek("':'") == UInt8(ascii: ":") else { throw failure("expected ':'") }
            position += 1
            skipBlanks()
            let keep = build && keys?.contains(key) != false
            let value = try self.value(depth: depth, build: keep, keeping: nil)
            if keep { members.append(JSONMember(key, value)) }
            if try closes(with: UInt8(ascii: "}"), named: "',' or '}'") { return .object(members) }
        }
    }

    /// Steps over an opening bracket.
    private mutating func open(_ depth: Int) throws(ProtocolError) {
        guard depth <= Self.maximumDepth else { throw failure("nested deeper than \(Self.maximumDepth) levels") }
        position += 1
        skipBlanks()
    }

    /// Steps over a comma, or over the closing bracket, and says whether it was the latter.
    private mutating func closes(with bracket: UInt8, named: String) throws(ProtocolError) -> Bool {
        skipBlanks()
        let byte = try peek(named)
        guard byte == bracket || byte == UInt8(ascii: ",") else { throw failure("expected \(named)") }
        position += 1
        if byte == bracket { return true }
        skipBlanks()
        return false
    }

    // MARK: Numbers

    private mutating func number() throws(ProtocolError) -> JSONValue {
        let start = position
        var isInteger = true
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        if position < bytes.count, bytes[position] == UInt8(ascii: "0") {
            position += 1
            if position < bytes.count, isDigit(bytes[position]) { throw failure("a number with a leading zero") }
        } else {
            try digits()
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            try digits()
        }
        guard position - start <= Self.maximumNumberLength else {
            throw failure("a number of \(position - start) bytes, more than \(Self.maximumNumberLength)")
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let number = Int64(text) { return .int(number) }
        guard let number = Double(text), number.isFinite else {
            throw failure("the number \(text) is beyond the range of a double")
        }
        return .double(number)
    }

    /// Steps over one digit or more.
    private mutating func digits() throws(ProtocolError) {
        guard position < bytes.count, isDigit(bytes[position]) else { throw failure("expected a digit") }
        while position < bytes.count, isDigit(bytes[position]) { position += 1 }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    // MARK: Strings

    /// The string that begins at `position`; empty if it is not to be built.
    private mutating func string(build: Bool) throws(ProtocolError) -> String {
        position += 1
        var run = position
        var decoded: [UInt8] = []
        while true {
            guard position < bytes.count else { throw failure("a string without an end") }
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") { break }
            guard byte >= 0x20 else { throw failure("a control character in a string") }
            guard byte == UInt8(ascii: "\\") else {
                position += 1
                continue
            }
            if build { decoded += bytes[run..<position] }
            let scalar = try escape()
            if build { decoded += String(Character(scalar)).utf8 }
            run = position
        }
        let tail = bytes[run..<position]
        position += 1
        if !build { return "" }
        return decoded.isEmpty ? String(decoding: tail, as: UTF8.self) : String(decoding: decoded + tail, as: UTF8.self)
    }

    private mutating func escape() throws(ProtocolError) -> Unicode.Scalar {
        guard position + 1 < bytes.count else { throw failure("a string without an end") }
        position += 2
        switch bytes[position - 1] {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default:
            position -= 2
            throw failure("an unknown escape")
        }
    }

    /// The scalar of the `\u` before `position`, together with that of the next one if the two are a surrogate pair.
    private mutating func unicodeEscape() throws(ProtocolError) -> Unicode.Scalar {
        let start = position - 2
        let first = try fourHexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        if first < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        {
            position += 2
            let second = try fourHexDigits()
            if 0xDC00...0xDFFF ~= second,
                let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
            {
                return scalar
            }
        }
        position = start
        throw failure("half of a surrogate pair")
    }

    private mutating func fourHexDigits() throws(ProtocolError) -> UInt32 {
        var number: UInt32 = 0
        for _ in 0..<4 {
            guard position < bytes.count, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
                throw failure("expected a hexadecimal digit")
            }
            number = number << 4 | UInt32(digit)
            position += 1
        }
        return number
    }

    // MARK: Positions

    private mutating func skipBlanks() {
        while position < bytes.count, isBlank(bytes[position]) { position += 1 }
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    private func peek(_ expected: String) throws(ProtocolError) -> UInt8 {
        guard position < bytes.count else { throw failure("expected \(expected)") }
        return bytes[position]
    }

    private func failure(_ what: String) -> ProtocolError {
        let place = position < bytes.count ? "at offset \(position)" : "at the end, offset \(bytes.count)"
        return ProtocolError(.invalidJSON, "not valid JSON: \(what) \(place)")
    }
}

/// The keys of an object so far: a short list is searched faster than a set is built.
private struct SeenKeys {
    private var few: [String] = []
    private var many: Set<String> = []

    /// Takes the key in, or says false if it was there.
    mutating func insert(_ key: String) -> Bool {
        guard few.count < 16 else {
            if many.isEmpty { many = Set(few) }
            return many.insert(key).inserted
        }
        guard !few.contains(key) else { return false }
        few.append(key)
        return true
    }
}
