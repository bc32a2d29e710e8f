/// A JSON value that is written in the order in which it was made, so that two reports can be compared as text.
public enum OrderedJSON: Sendable, Hashable {
    /// One entry of an object.
    public struct Member: Sendable, Hashable {
        public let key: String
        public let value: OrderedJSON

        public init(_ key: String, _ value: OrderedJSON) {
            self.key = key
            self.value = value
        }
    }

    case null
    case bool(Bool)
    case integer(Int)
    /// Written with the fewest digits that read back as the same value. JSON has no word for a value that is not
    /// finite; it is written as `null`.
    case number(Double)
    case string(String)
    case array([OrderedJSON])
    case object([Member])

    /// The value on one line, without spaces.
    public var compact: String {
        var text = ""
        write(into: &text, indent: nil)
        return text
    }

    /// The value with one member a line, two spaces a level; arrays of plain values stay on one line. No newline at
    /// the end.
    public var indented: String {
        var text = ""
        write(into: &text, indent: 0)
        return text
    }

    /// `text` as a JSON string with its quotation marks. `<`, U+2028 and U+2029 are escaped as well, so that the
    /// result may stand inside an HTML script element.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "<", "\u{2028}", "\u{2029}", "\u{00}"..<"\u{20}", "\u{7F}":
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private func write(into text: inout String, indent: Int?) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += value.isFinite ? "\(value)" : "null"
        case .string(let value): text += Self.quoted(value)
        case .array(let values):
            let isFlat = !values.contains(where: \.isContainer)
            Self.writeList(values, brackets: ("[", "]"), isFlat: isFlat, into: &text, indent: indent) {
                $0.write(into: &$1, indent: $2)
            }
        case .object(let members):
            Self.writeList(members, brackets: ("{", "}"), isFlat: false, into: &text, indent: indent) {
                $1 += Self.quoted($0.key) + (indent == nil ? ":" : ": ")
                $0.value.write(into: &$1, indent: $2)
            }
        }
    }

    private var isContainer: Bool {
        switch self {
        case .array, .object: true
        default: false
        }
    }

    private static func writeList<Element>(
        _ elements: [Element], brackets: (String, String), isFlat: Bool, into text: inout String, indent: Int?,
        element write: (Element, inout String, Int?) -> Void
    ) {
        text += brackets.0
        let inner = isFlat ? nil : indent.map { $0 + 1 }
        for (index, element) in elements.enumerated() {
            if index > 0 { text += isFlat && indent != nil ? ", " : "," }
            if let inner { text += "\n" + String(repeating: "  ", count: inner) }
            write(element, &text, inner)
        }
        if let indent, inner != nil, !elements.isEmpty { text += "\n" + String(repeating: "  ", count: indent) }
        text += brackets.1
    }
}
