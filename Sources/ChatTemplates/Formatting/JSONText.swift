/// Writes values as JSON, as Python's `json.dumps` does.
struct JSONText {
    /// Whether characters beyond printable ASCII are escaped.
    var escapesBeyondASCII = false
    /// The text of one level of indentation; nil for everything on one line.
    var indent: String?
    var itemSeparator = ", "
    var keySeparator = ": "
    var sortsKeys = false

    private var text: [Unicode.Scalar] = []

    init() {}

    /// The text of a value. If there is user text anywhere within, all of it is user text.
    mutating func write(_ value: RuntimeValue) throws -> TemplateString {
        text = []
        try append(value, level: 0)
        var string = TemplateString()
        string.append(text, isUserText: value.hasUserText)
        return string
    }

    private mutating func append(_ string: String) { text.append(contentsOf: string.unicodeScalars) }

    private mutating func append(_ value: RuntimeValue, level: Int) throws {
        switch value {
        case .none: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .integer(let value): append(String(value))
        case .number(let value): append(Self.number(value))
        case .string(let string): append(string)
        case .list(let list), .tuple(let list):
            try appendAll(list.items, open: "[", close: "]", level: level) { writer, item in
                try writer.append(item, level: level + 1)
            }
        case .mapping(let mapping):
            var members = mapping.members
            if sortsKeys { try members.stableSort { try $0.0.isLess(than: $1.0) } }
            try appendAll(members, open: "{", close: "}", level: level) { writer, member in
                try writer.append(key: member.0)
                writer.append(writer.keySeparator)
                try writer.append(member.1, level: level + 1)
            }
        default: throw ChatTemplateError.template("\(value.kind) cannot be written as JSON")
        }
    }

    /// Keys are strings; numbers and constants as keys become strings.
    private mutating func append(key: RuntimeValue) throws {
        switch key {
        case .string(let string): append(string)
        case .none, .bool, .integer, .number:
            append("\"")
            try append(key, level: 0)
            append("\"")
        default: throw ChatTemplateError.template("\(key.kind) cannot be a key in JSON")
        }
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return PythonText.number(value)
    }

    private mutating func appendAll<Item>(
        _ items: [Item], open: String, close: String, level: Int, _ body: (inout JSONText, Item) throws -> Void
    ) throws {
        append(open)
        for (index, item) in items.enumerated() {
            if index > 0 { append(itemSeparator) }
            appendLineBreak(level + 1)
            try body(&self, item)
        }
        if !items.isEmpty { appendLineBreak(level) }
        append(close)
    }

    private mutating func appendLineBreak(_ level: Int) {
        guard let indent else { return }
        append("\n")
        for _ in 0..<level { append(indent) }
    }

    private mutating func append(_ string: TemplateString) {
        append("\"")
        for scalar in string.scalars {
            switch scalar {
            case "\"", "\\": text.append(contentsOf: ["\\", scalar])
            case "\n": append("\\n")
            case "\r": append("\\r")
            case "\t": append("\\t")
            case "\u{8}": append("\\b")
            case "\u{C}": append("\\f")
            default:
                if scalar.value < 0x20 || (escapesBeyondASCII && scalar.value > 0x7E) {
                    for unit in String(scalar).utf16 { append("\\u" + PythonText.hexadecimal(UInt32(unit), width: 4)) }
                } else {
                    text.append(scalar)
                }
            }
        }
        append("\"")
    }
}
