/// Fills in the directives of a pattern of Python's `%`.
struct PercentFormat {
    private let value: RuntimeValue
    private let budget: TemplateBudget
    /// The number of values used so far.
    private var used = 0

    private static let longest = 100_000

    /// `pattern % value`.
    static func expand(
        _ pattern: TemplateString, with value: RuntimeValue, _ budget: TemplateBudget
    ) throws -> TemplateString {
        var format = PercentFormat(value: value, budget: budget)
        let result = try format.expand(pattern)
        return pattern.isMarkup ? result.asMarkup : result
    }

    private init(value: RuntimeValue, budget: TemplateBudget) {
        self.value = value
        self.budget = budget
    }

    private mutating func expand(_ pattern: TemplateString) throws -> TemplateString {
        let scalars = pattern.scalars
        var result = TemplateString()
        var index = 0
        while index < scalars.count {
            guard scalars[index] == "%" else {
                result.append(pattern, in: index..<index + 1)
                index += 1
                continue
            }
            var rest = scalars[(index + 1)...]
            let text = try directive(&rest)
            result.append(pattern.isMarkup ? text.escaped() : text)
            try budget.charge(characters: result.count)
            index = rest.startIndex
        }
        switch value {
        case .tuple(let list) where used < list.items.count: throw Self.error("not all values are used")
        case .tuple, .mapping, .list, .undefined: break
        default: if used == 0 { throw Self.error("the value is not used") }
        }
        return result
    }

    private static func error(_ message: String) -> ChatTemplateError { .template("'%': \(message)") }

    /// One directive, after its percent sign.
    private mutating func directive(_ rest: inout ArraySlice<Unicode.Scalar>) throws -> TemplateString {
        let member = try key(&rest)
        var format = TextFormat()
        var isLeft = false
        while let flag = rest.first, "#0- +".unicodeScalars.contains(flag) {
            rest.removeFirst()
            switch flag {
            case "#": format.showsBase = true
            case "0": (format.fill, format.alignment) = ("0", .afterSign)
            case "-": isLeft = true
            case "+": format.sign = "+"
            default: if format.sign != "+" { format.sign = " " }
            }
        }
        format.width = try TextFormat.number(&rest, limit: Self.longest) ?? 0
        try budget.charge(characters: format.width)
        if rest.first == "." {
            rest.removeFirst()
            format.precision = try TextFormat.number(&rest, limit: Self.longest) ?? 0
        }
        while let first = rest.first, "hlL".unicodeScalars.contains(first) { rest.removeFirst() }
        guard let kind = rest.popFirst() else { throw Self.error("a directive has no end") }
        if kind == "%" { return TemplateString(template: "%") }
        if isLeft { (format.fill, format.alignment) = (" ", .left) }
        format.kind = kind
        return try text(of: member ?? next(), format)
    }

    /// The member that `%(name)s` asks for.
    private func key(_ rest: inout ArraySlice<Unicode.Scalar>) throws -> RuntimeValue? {
        guard rest.first == "(" else { return nil }
        guard let end = rest.firstIndex(of: ")"), case .mapping(let mapping) = value else {
            throw Self.error("a directive with a name needs a mapping")
        }
        let name = rest[(rest.startIndex + 1)..<end]
        rest = rest[(end + 1)...]
        guard let member = mapping[.string(Array(name))] else { throw Self.error("the mapping has no such member") }
        return member
    }

    private mutating func next() throws -> RuntimeValue {
        defer { used += 1 }
        if case .tuple(let list) = value {
            guard used < list.items.count else { throw Self.error("there are too few values") }
            return list.items[used]
        }
        guard used == 0 else { throw Self.error("there are too few values") }
        return value
    }

    private func text(of value: RuntimeValue, _ format: TextFormat) throws -> TemplateString {
        var format = format
        switch format.kind {
        case "s", "r":
            let text = try format.kind == "r" ? value.asLiteral() : value.asText().withoutMarkup
            format.kind = nil
            format.sign = "-"
            if format.alignment == .afterSign { format.fill = " " }
            format.alignment = format.alignment == .left ? .left : .right
            return try format.text(text)
        case "d", "i", "u": return try integer(Self.whole(value), format, radix: 10, prefix: "")
        case "o": return try integer(value.integer(for: "%"), format, radix: 8, prefix: "0o")
        case "x": return try integer(value.integer(for: "%"), format, radix: 16, prefix: "0x")
        case "X": return try integer(value.integer(for: "%"), format, radix: 16, prefix: "0X")
        case "e", "E", "f", "F", "g", "G":
            guard let number = value.asNumber else { throw Self.error("a number is needed, not \(value.kind)") }
            return try format.text(number)
        case "c":
            if case .string(let string) = value, string.count == 1 {
                format.kind = nil
                format.alignment = format.alignment == .left ? .left : .right
                return try format.text(string)
            }
            if format.alignment == nil { format.alignment = .right }
            return try format.text(value.integer(for: "%"))
        default: throw Self.error("'%\(format.kind ?? "%")' is not supported")
        }
    }

    /// An integer, or a number truncated to one.
    private static func whole(_ value: RuntimeValue) throws -> Int {
        guard case .number(let number) = value else { return try value.integer(for: "%") }
        guard let whole = Int(exactly: number.rounded(.towardZero)) else {
            throw error("\(number) is no 64-bit integer")
        }
        return whole
    }

    private func integer(_ value: Int, _ format: TextFormat, radix: Int, prefix: String) throws -> TemplateString {
        let digits = String(value.magnitude, radix: radix, uppercase: format.kind == "X")
        let least = format.precision ?? 0
        try budget.charge(characters: least)
        return format.number(
            isNegative: value < 0, prefix: format.showsBase ? prefix : "",
            digits: String(repeating: "0", count: max(0, least - digits.count)) + digits)
    }
}
