/// Puts JSON together as bytes, without blanks and in the order of the calls, so that equal input gives equal bytes.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []

    /// Appends text that is JSON already.
    mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { bytes += $0 }
    }

    mutating func integer(_ number: some BinaryInteger) { bytes += String(number).utf8 }

    /// A finite number; JSON has no word for the others.
    mutating func number(_ number: some BinaryFloatingPoint & CustomStringConvertible) {
        precondition(number.isFinite)
        bytes += number.description.utf8
    }

    mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            for byte in utf8 {
                if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                    bytes.append(byte)
                } else {
                    escape(byte)
                }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func value(_ value: JSONValue) {
        switch value {
        case .null: raw("null")
        case .bool(let flag): flag ? raw("true") : raw("false")
        case .int(let number): integer(number)
        case .double(let number): self.number(number)
        case .string(let text): string(text)
        case .array(let elements):
            list("[", elements, "]") { $0.value($1) }
        case .object(let members):
            list("{", members, "}") { writer, member in
                writer.string(member.key)
                writer.raw(":")
                writer.value(member.value)
            }
        }
    }

    /// The elements between brackets, with commas between them.
    mutating func list<Element>(
        _ open: StaticString, _ elements: some Sequence<Element>, _ close: StaticString,
        _ write: (inout JSONWriter, Element) -> Void
    ) {
        raw(open)
        var isFirst = true
        for element in elements {
            if !isFirst { raw(",") }
            isFirst = false
            write(&self, element)
        }
        raw(close)
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): raw("\\\"")
        case UInt8(ascii: "\\"): raw("\\\\")
        case UInt8(ascii: "\n"): raw("\\n")
        case UInt8(ascii: "\r"): raw("\\r")
        case UInt8(ascii: "\t"): raw("\\t")
        default:
            let digits = Array("0123456789abcdef".utf8)
            raw("\\u00")
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }
}

extension JSONValue {
    /// The value as JSON without blanks. Parsing it gives an equal value.
    ///
    /// - Precondition: every `double` is finite.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }
}

/// The text as a JSON string for a message, shortened to something that fits on a line.
func quoted(_ text: String) -> String {
    let limit = 60
    var writer = JSONWriter()
    writer.string(text.unicodeScalars.count <= limit ? text : String(text.unicodeScalars.prefix(limit)) + "...")
    return String(decoding: writer.bytes, as: UTF8.self)
}
