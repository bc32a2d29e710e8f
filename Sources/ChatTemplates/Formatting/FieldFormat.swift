/// Fills in the fields of a pattern of Python's `str.format`.
struct FieldFormat {
    private let arguments: RuntimeArguments
    private let isMarkup: Bool
    private let budget: TemplateBudget
    /// The number of the next field that does not give a number.
    private var next = 0
    /// Whether the fields give their numbers, which all fields must do alike; nil before the first such field.
    private var isNumbered: Bool?

    /// `pattern.format(arguments)`.
    static func expand(
        _ pattern: TemplateString, with arguments: RuntimeArguments, _ budget: TemplateBudget
    ) throws -> TemplateString {
        var format = FieldFormat(arguments: arguments, isMarkup: pattern.isMarkup, budget: budget)
        let result = try format.expand(pattern, level: 0)
        return pattern.isMarkup ? result.asMarkup : result
    }

    private init(arguments: RuntimeArguments, isMarkup: Bool, budget: TemplateBudget) {
        self.arguments = arguments
        self.isMarkup = isMarkup
        self.budget = budget
    }

    /// The pattern with its fields filled in. The layout of a field may contain fields too.
    private mutating func expand(_ pattern: TemplateString, level: Int) throws -> TemplateString {
        guard level < 2 else { throw ChatTemplateError.template("'format': fields nest too deep") }
        let scalars = pattern.scalars
        var result = TemplateString()
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            guard scalar == "{" || scalar == "}" else {
                result.append(pattern, in: index..<index + 1)
                index += 1
                continue
            }
            if index + 1 < scalars.count, scalars[index + 1] == scalar {
                result.append(pattern, in: index..<index + 1)
                index += 2
                continue
            }
            guard scalar == "{", let end = Self.fieldEnd(scalars, from: index + 1) else {
                throw ChatTemplateError.template("'format': a single '\(scalar)'")
            }
            try result.append(field(pattern[index + 1..<end], level: level))
            try budget.charge(characters: result.count)
            index = end + 1
        }
        return result
    }

    /// The index of the brace that closes the field.
    private static func fieldEnd(_ scalars: [Unicode.Scalar], from start: Int) -> Int? {
        var open = 1
        for index in start..<scalars.count {
            if scalars[index] == "{" { open += 1 }
            if scalars[index] == "}" { open -= 1 }
            if open == 0 { return index }
        }
        return nil
    }

    /// A field, `name!conversion:layout`.
    private mutating func field(_ field: TemplateString, level: Int) throws -> TemplateString {
        var nameEnd = 0
        var isInBrackets = false
        while nameEnd < field.count {
            let scalar = field.scalars[nameEnd]
            if scalar == "[" { isInBrackets = true }
            if scalar == "]" { isInBrackets = false }
            if !isInBrackets, scalar == "!" || scalar == ":" { break }
            nameEnd += 1
        }
        var value = try self.value(field[0..<nameEnd].text)
        var rest = field[nameEnd..<field.count]
        if rest.scalars.first == "!" {
            guard rest.count == 2 || rest.count > 2 && rest.scalars[2] == ":" else {
                throw ChatTemplateError.template("'format': a conversion is one letter")
            }
            value = try .string(converted(value, rest.scalars[1]))
            rest = rest[2..<rest.count]
        }
        let layout = rest.isEmpty ? "" : try expand(rest[1..<rest.count], level: level + 1).text
        let text = try formatted(value, layout)
        return isMarkup ? text.escaped() : text
    }

    /// A value as a field of `format` shows it.
    private func formatted(_ value: RuntimeValue, _ spec: String) throws -> TemplateString {
        if spec.isEmpty { return try value.asText().withoutMarkup }
        let format = try TextFormat(spec)
        try budget.charge(characters: format.width)
        switch value {
        case .string(let string): return try format.text(string.withoutMarkup)
        case .number(let number): return try format.text(number)
        default:
            guard let integer = value.asInteger else {
                throw ChatTemplateError.template("'format': \(value.kind) has no layout '\(spec)'")
            }
            return try format.text(integer)
        }
    }

    private func converted(_ value: RuntimeValue, _ letter: Unicode.Scalar) throws -> TemplateString {
        switch letter {
        case "s": try value.asText().withoutMarkup
        case "r": try value.asLiteral()
        default: throw ChatTemplateError.template("'format': the conversion '\(letter)' is not supported")
        }
    }

    /// The value of a name such as `0`, `place`, `a.b` or `a[0]`.
    private mutating func value(_ path: String) throws -> RuntimeValue {
        let first = path.prefix { $0 != "." && $0 != "[" }
        var rest = path.dropFirst(first.count)
        var value = try argument(String(first))
        while let separator = rest.popFirst() {
            let isElement = separator == "["
            let name = rest.prefix { isElement ? $0 != "]" : $0 != "." && $0 != "[" }
            rest = rest.dropFirst(name.count)
            guard !name.isEmpty, !isElement || rest.popFirst() == "]" else {
                throw ChatTemplateError.template("'format': '\(path)' names nothing")
            }
            if isElement {
                let key = Int(name).map { RuntimeValue.integer($0) } ?? .template(String(name))
                value = try value.element(key)
            } else {
                value = try value.attribute(TemplateString(template: String(name)))
            }
        }
        return value
    }

    private mutating func argument(_ name: String) throws -> RuntimeValue {
        if let number = name.isEmpty ? next : Int(name) {
            guard (isNumbered ?? !name.isEmpty) == !name.isEmpty else {
                throw ChatTemplateError.template("'format': some fields give their number, and some do not")
            }
            isNumbered = !name.isEmpty
            if name.isEmpty { next += 1 }
            guard arguments.positional.indices.contains(number) else {
                throw ChatTemplateError.template("'format' has no argument \(number)")
            }
            return arguments.positional[number]
        }
        guard let value = arguments.named.last(where: { $0.name == name })?.value else {
            throw ChatTemplateError.template("'format' has no argument '\(name)'")
        }
        return value
    }
}
