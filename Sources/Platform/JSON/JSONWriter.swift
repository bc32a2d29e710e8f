/// Builds JSON as bytes in the order of the calls, so that equal input gives equal bytes.
package struct JSONWriter {
    /// Where the text will be used.
    package enum Place: Sendable {
        /// Anywhere that JSON is allowed.
        case file
        /// Inside an HTML script element as well: `<`, U+007F, U+2028 and U+2029 are escaped.
        case page
    }

    package private(set) var bytes: [UInt8] = []
    private let place: Place

    package init(for place: Place = .file) { self.place = place }

    /// Appends text that is JSON already.
    package mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { bytes += $0 }
    }

    package mutating func integer(_ number: some BinaryInteger) { bytes += String(number).utf8 }

    /// A finite number, with the fewest digits that read back as the same number; JSON has no word for numbers that are
    /// not finite.
    package mutating func number(_ number: some BinaryFloatingPoint & CustomStringConvertible) {
        precondition(number.isFinite)
        bytes += number.description.utf8
    }

    package mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            var plain = 0
            for index in utf8.indices {
                let byte = utf8[index]
                let isSign = byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
                guard byte < 0x20 || isSign || place == .page else { continue }
                let width = byte < 0x20 || isSign ? 1 : Self.pageEscape(utf8, index)
                guard width > 0 else { continue }
                bytes += utf8[plain..<index]
                width == 1 ? escape(byte) : escape(separator: utf8[index + 2])
                plain = index + width
            }
            bytes += utf8[plain...]
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// The number of bytes from `index` on that must be escaped together on a page; 0 for none.
    private static func pageEscape(_ utf8: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int {
        switch utf8[index] {
        case UInt8(ascii: "<"), 0x7F: 1
        // U+2028 and U+2029 are E2 80 A8 and E2 80 A9.
        case 0xE2: index + 2 < utf8.count && utf8[index + 1] == 0x80 && utf8[index + 2] & 0xFE == 0xA8 ? 3 : 0
        default: 0
        }
    }

    /// - Parameter indent: the value's level of indentation, for one member per line and two spaces per level; arrays
    ///   of plain values stay on one line. nil: everything on one line, without blanks.
    package mutating func value(_ value: JSONValue, indent: Int? = nil) {
        switch value {
        case .null: raw("null")
        case .bool(let flag): flag ? raw("true") : raw("false")
        case .int(let number): integer(number)
        case .double(let number): self.number(number)
        case .string(let text): string(text)
        case .array(let elements):
            let isFlat = indent != nil && !elements.contains(where: \.isContainer)
            list("[", elements, "]", isFlat ? ", " : ",", indent: isFlat ? nil : indent) { $0.value($1, indent: $2) }
        case .object(let members):
            list("{", members, "}", ",", indent: indent) { writer, member, inner in
                writer.string(member.key)
                inner == nil ? writer.raw(":") : writer.raw(": ")
                writer.value(member.value, indent: inner)
            }
        }
    }

    /// The elements between brackets, with commas between them.
    package mutating func list<Element>(
        _ open: StaticString, _ elements: some Sequence<Element>, _ close: StaticString,
        _ write: (inout JSONWriter, Element) -> Void
    ) {
        list(open, Array(elements), close, ",", indent: nil) { writer, element, _ in write(&writer, element) }
    }

    private mutating func list<Element>(
        _ open: StaticString, _ elements: [Element], _ close: StaticString, _ comma: StaticString, indent: Int?,
        _ write: (inout JSONWriter, Element, Int?) -> Void
    ) {
        raw(open)
        let inner = indent.map { $0 + 1 }
        for (index, element) in elements.enumerated() {
            if index > 0 { raw(comma) }
            newLine(inner)
            write(&self, element, inner)
        }
        if !elements.isEmpty { newLine(indent) }
        raw(close)
    }

    private mutating func newLine(_ indent: Int?) {
        guard let indent else { return }
        raw("\n")
        bytes += repeatElement(0x20, count: 2 * indent)
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): raw("\\\"")
        case UInt8(ascii: "\\"): raw("\\\\")
        case UInt8(ascii: "\n"): raw("\\n")
        case UInt8(ascii: "\r"): raw("\\r")
        case UInt8(ascii: "\t"): raw("\\t")
        default:
            raw("\\u00")
            bytes.append(Self.digit(byte >> 4))
            bytes.append(Self.digit(byte & 15))
        }
    }

    private mutating func escape(separator last: UInt8) { last == 0xA8 ? raw("\\u2028") : raw("\\u2029") }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// The text as a JSON string for a message, shortened to fit on a line.
    package static func quoted(_ text: String) -> String {
        let limit = 60
        var writer = JSONWriter()
        writer.string(text.unicodeScalars.count <= limit ? text : String(text.unicodeScalars.prefix(limit)) + "...")
        return String(decoding: writer.bytes, as: UTF8.self)
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

    /// The value on one line, without blanks, as text that may be used inside an HTML script element.
    public var compact: String { text(indent: nil) }

    /// The value with one member per line and two spaces per level; arrays of plain values stay on one line. No newline
    /// at the end. The text may be used inside an HTML script element.
    public var indented: String { text(indent: 0) }

    private func text(indent: Int?) -> String {
        var writer = JSONWriter(for: .page)
        writer.value(self, indent: indent)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    fileprivate var isContainer: Bool {
        switch self {
        case .array, .object: true
        default: false
        }
    }
}
