/// A small JSON value, for the parts of a tokenizer.json that say how the tokenizer works.
indirect enum JSONTree {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONTree])
    case object([(key: String, value: JSONTree)])

    /// The most values of one tree.
    private static let limit = 20_000

    /// Reads a value.
    init(_ scanner: inout JSONScanner) throws(TokenizationError) {
        var left = Self.limit
        try self.init(&scanner, left: &left)
    }

    private init(_ scanner: inout JSONScanner, left: inout Int) throws(TokenizationError) {
        left -= 1
        guard left > 0 else { throw scanner.failure("more than \(Self.limit) values in one component") }
        switch scanner.peek() {
        case UInt8(ascii: "{"):
            var members: [(key: String, value: JSONTree)] = []
            try scanner.forEachMember { (scanner, key) throws(TokenizationError) in
                members.append((String(decoding: key, as: UTF8.self), try JSONTree(&scanner, left: &left)))
            }
            self = .object(members)
        case UInt8(ascii: "["):
            var elements: [JSONTree] = []
            try scanner.forEachElement { (scanner) throws(TokenizationError) in
                elements.append(try JSONTree(&scanner, left: &left))
            }
            self = .array(elements)
        case UInt8(ascii: "\""):
            var text: [UInt8] = []
            try scanner.string(into: &text)
            self = .string(String(decoding: text, as: UTF8.self))
        case UInt8(ascii: "t"):
            try scanner.literal("true")
            self = .bool(true)
        case UInt8(ascii: "f"):
            try scanner.literal("false")
            self = .bool(false)
        case UInt8(ascii: "n"):
            try scanner.literal("null")
            self = .null
        default: self = .number(try scanner.number())
        }
    }

    /// The member of that name; null for anything else.
    subscript(_ key: String) -> JSONTree {
        guard case .object(let members) = self else { return .null }
        return members.last { $0.key == key }?.value ?? .null
    }

    var isNull: Bool {
        if case .null = self { true } else { false }
    }

    var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    var integer: Int? {
        if case .number(let value) = self { Int(exactly: value) } else { nil }
    }

    /// The elements; none for anything but an array.
    var elements: [JSONTree] {
        if case .array(let elements) = self { elements } else { [] }
    }

    /// The member `type`, by which components name themselves; empty without one.
    var type: String { self["type"].string ?? "" }
}
