extension RuntimeValue {
    /// The value as text, as Python's `str` writes it. The whole text of a container with user text in it is user text.
    /// - Throws: for values without a text, such as functions.
    func asText() throws -> TemplateString {
        switch self {
        case .undefined: return TemplateString()
        case .string(let string): return string
        default: return try asLiteral()
        }
    }

    /// The value as Python's `repr` writes it.
    func asLiteral() throws -> TemplateString {
        var text: [Unicode.Scalar] = []
        try writeLiteral(to: &text)
        var string = TemplateString()
        string.append(text, isUserText: hasUserText)
        return string
    }

    /// Whether user text is anywhere within.
    var hasUserText: Bool {
        switch self {
        case .string(let string): string.hasUserText
        case .list(let list), .tuple(let list), .view(let list), .range(let list):
            list.items.contains(where: \.hasUserText)
        case .mapping(let mapping):
            mapping.keys.contains(where: \.hasUserText) || mapping.values.contains(where: \.hasUserText)
        default: false
        }
    }

    /// Writes the value as a literal, as Python's `repr` does.
    private func writeLiteral(to text: inout [Unicode.Scalar]) throws {
        func write(_ string: String) { text.append(contentsOf: string.unicodeScalars) }
        switch self {
        case .none: write("None")
        case .bool(let value): write(value ? "True" : "False")
        case .integer(let value): write(String(value))
        case .number(let value): write(PythonText.number(value))
        case .string(let string): PythonText.writeLiteral(string.scalars, to: &text)
        case .undefined: write("Undefined")
        case .list(let list):
            text.append("[")
            try Self.writeLiterals(list.items, to: &text)
            text.append("]")
        case .tuple(let list):
            text.append("(")
            try Self.writeLiterals(list.items, to: &text)
            if list.items.count == 1 { text.append(",") }
            text.append(")")
        case .mapping(let mapping):
            text.append("{")
            for (index, (key, value)) in mapping.members.enumerated() {
                if index > 0 { text += [",", " "] }
                try key.writeLiteral(to: &text)
                text += [":", " "]
                try value.writeLiteral(to: &text)
            }
            text.append("}")
        case .view, .range, .generator, .namespace, .loop, .macro, .function, .method:
            throw ChatTemplateError.template("\(kind) cannot be written as text")
        }
    }

    private static func writeLiterals(_ items: [RuntimeValue], to text: inout [Unicode.Scalar]) throws {
        for (index, item) in items.enumerated() {
            if index > 0 { text += [",", " "] }
            try item.writeLiteral(to: &text)
        }
    }
}

/// How Python writes strings and numbers.
enum PythonText {
    /// A number with the fewest digits that identify it: in exponent form below 1e-4 and from 1e16 up.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        let sign = value.sign == .minus ? "-" : ""
        if value == 0 { return sign + "0.0" }
        let (digits, exponent) = decimal(value.magnitude)
        if exponent < -4 || exponent >= 16 {
            let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
            let size = String(exponent.magnitude)
            return sign + digits.prefix(1) + fraction + "e" + (exponent < 0 ? "-" : "+")
                + (size.count < 2 ? "0" + size : size)
        }
        if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
        let whole = digits.prefix(exponent + 1)
        let zeros = String(repeating: "0", count: exponent + 1 - whole.count)
        let fraction = digits.dropFirst(exponent + 1)
        return sign + whole + zeros + "." + (fraction.isEmpty ? "0" : fraction)
    }

    /// The shortest significant digits of a positive number, and the decimal exponent of the first digit.
    private static func decimal(_ value: Double) -> (digits: String, exponent: Int) {
        let parts = value.description.split(separator: "e", omittingEmptySubsequences: false)
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = mantissa[0]
        let all = whole + (mantissa.count > 1 ? mantissa[1] : "")
        let leadingZeros = all.prefix { $0 == "0" }.count
        let exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + whole.count - 1 - leadingZeros
        var digits = all.dropFirst(leadingZeros)
        while digits.count > 1, digits.last == "0" { digits.removeLast() }
        return (String(digits), exponent)
    }

    /// Writes a string in quotes, with unprintable characters escaped.
    static func writeLiteral(_ scalars: [Unicode.Scalar], to text: inout [Unicode.Scalar]) {
        let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
        text.append(quote)
        for scalar in scalars {
            switch scalar {
            case quote, "\\": text += ["\\", scalar]
            case " "..."~": text.append(scalar)
            case "\n": text += ["\\", "n"]
            case "\r": text += ["\\", "r"]
            case "\t": text += ["\\", "t"]
            default:
                if isPrintable(scalar) {
                    text.append(scalar)
                } else {
                    text.append(contentsOf: escape(scalar).unicodeScalars)
                }
            }
        }
        text.append(quote)
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let (letter, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
        return "\\" + letter + hexadecimal(scalar.value, width: width)
    }

    static func hexadecimal(_ value: UInt32, width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: scalar == " "
        default: true
        }
    }
}
