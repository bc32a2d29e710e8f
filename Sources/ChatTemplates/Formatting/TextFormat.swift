import Foundation

/// How a field of `format` or `%` is laid out: fill, alignment, sign, width, precision and kind.
struct TextFormat {
    enum Alignment: Unicode.Scalar {
        case left = "<"
        case right = ">"
        case center = "^"
        /// The fill goes between the sign and the digits.
        case afterSign = "="
    }

    var fill: Unicode.Scalar = " "
    var alignment: Alignment?
    /// The character before a number that is not negative; "-" for none.
    var sign: Unicode.Scalar = "-"
    /// Whether integers in another base show the base's prefix.
    var showsBase = false
    var width = 0
    var separator: Unicode.Scalar?
    var precision: Int?
    /// The letter at the end; nil for the value's own kind.
    var kind: Unicode.Scalar?

    /// The most characters of padding.
    private static let longest = 100_000
    /// The most digits after the point.
    private static let mostDigits = 300

    init() {}

    /// Reads the text after the colon of a replacement field.
    init(_ text: String) throws {
        var rest = Array(text.unicodeScalars)[...]
        func unknown() -> ChatTemplateError { .template("'format': '\(text)' is not supported") }
        if let second = rest.dropFirst().first, let alignment = Alignment(rawValue: second), let fill = rest.first {
            self.fill = fill
            self.alignment = alignment
            rest = rest.dropFirst(2)
        } else if let alignment = rest.first.flatMap(Alignment.init(rawValue:)) {
            self.alignment = alignment
            rest.removeFirst()
        }
        if let first = rest.first, first == "+" || first == "-" || first == " " {
            sign = first
            rest.removeFirst()
        }
        if rest.first == "#" {
            showsBase = true
            rest.removeFirst()
        }
        if rest.first == "0" {
            rest.removeFirst()
            if alignment == nil { (fill, alignment) = ("0", .afterSign) }
        }
        width = try Self.number(&rest, limit: Self.longest) ?? 0
        if let first = rest.first, first == "," || first == "_" {
            separator = first
            rest.removeFirst()
            guard alignment != .afterSign else { throw unknown() }
        }
        if rest.first == "." {
            rest.removeFirst()
            guard let digits = try Self.number(&rest, limit: Self.longest) else { throw unknown() }
            precision = digits
        }
        kind = rest.popFirst()
        guard rest.isEmpty else { throw unknown() }
    }

    /// Takes a number off the front; nil if there are no digits.
    static func number(_ rest: inout ArraySlice<Unicode.Scalar>, limit: Int) throws -> Int? {
        var value: Int?
        while let scalar = rest.first, ("0"..."9").contains(scalar) {
            value = (value ?? 0) * 10 + Int(scalar.value - 0x30)
            guard let value, value <= limit else {
                throw ChatTemplateError.limit("'format': a width or precision beyond \(limit)")
            }
            rest.removeFirst()
        }
        return value
    }

    // MARK: - Writing

    /// A string, cut to the precision and padded.
    func text(_ string: TemplateString) throws -> TemplateString {
        guard kind == nil || kind == "s", alignment != .afterSign || fill == "0", sign == "-", separator == nil else {
            throw ChatTemplateError.template("'format': a string cannot be written as '\(kind ?? "s")'")
        }
        let cut = precision.map { string[0..<min($0, string.count)] } ?? string
        return padded(cut, default: .left)
    }

    /// An integer.
    func text(_ value: Int) throws -> TemplateString {
        let bases: [Unicode.Scalar: (radix: Int, prefix: String)] = [
            "d": (10, ""), "n": (10, ""), "b": (2, "0b"), "o": (8, "0o"), "x": (16, "0x"), "X": (16, "0X"),
        ]
        if let kind, kind == "c" {
            guard let code = UInt32(exactly: value), let scalar = Unicode.Scalar(code) else {
                throw ChatTemplateError.template("'format': \(value) is no character")
            }
            return padded(TemplateString(template: String(Character(scalar))), default: .left)
        }
        guard let base = bases[kind ?? "d"] else { return try text(Double(value)) }
        guard precision == nil else {
            throw ChatTemplateError.template("'format': an integer has no precision")
        }
        let digits = String(value.magnitude, radix: base.radix, uppercase: kind == "X")
        return number(
            isNegative: value < 0, prefix: showsBase ? base.prefix : "",
            digits: grouped(digits, by: base.radix == 10 ? 3 : 4))
    }

    /// A number with a fraction.
    func text(_ value: Double) throws -> TemplateString {
        let letter = kind ?? "r"
        guard "reEfFgG%".unicodeScalars.contains(letter), letter != "r" || precision == nil, !showsBase else {
            throw ChatTemplateError.template("'format': a number cannot be written as '\(letter)' with this precision")
        }
        let digits = precision ?? 6
        guard digits <= Self.mostDigits else {
            throw ChatTemplateError.limit("'format': a precision of \(digits); at most \(Self.mostDigits)")
        }
        let isNegative = value.sign == .minus && !value.isNaN
        guard value.isFinite else {
            let name = value.isNaN ? "nan" : "inf"
            let isUpper = "EFG".unicodeScalars.contains(letter)
            return number(isNegative: isNegative, prefix: "", digits: isUpper ? name.uppercased() : name)
        }
        let magnitude = value.magnitude
        let body =
            switch letter {
            case "r": PythonText.number(magnitude)
            case "%": String(format: "%.\(digits)f%%", magnitude * 100)
            default: String(format: "%.\(digits)\(letter)", magnitude)
            }
        let whole = body.prefix { $0.isWholeNumber }
        return number(
            isNegative: isNegative, prefix: "", digits: grouped(String(whole), by: 3) + body.dropFirst(whole.count))
    }

    private func grouped(_ digits: String, by size: Int) -> String {
        guard let separator else { return digits }
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % size == 0 { result.unicodeScalars.append(separator) }
            result.append(digit)
        }
        return result
    }

    /// Joins the parts of a number, padded.
    func number(isNegative: Bool, prefix: String, digits: String) -> TemplateString {
        let mark = (isNegative ? "-" : sign == "-" ? "" : String(Character(sign))) + prefix
        if alignment == .afterSign {
            let zeros = String(repeating: Character(fill), count: max(0, width - mark.count - digits.count))
            return TemplateString(template: mark + zeros + digits)
        }
        return padded(TemplateString(template: mark + digits), default: .right)
    }

    private func padded(_ string: TemplateString, default usual: Alignment) -> TemplateString {
        string.padded(to: width, alignment == .afterSign ? usual : alignment ?? usual, fill: fill)
    }
}
