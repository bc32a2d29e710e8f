/// A filter: from the value on its left and its arguments to a value.
typealias TemplateFilterFunction =
    @Sendable (TemplateInterpreter, RuntimeValue, RuntimeArguments) throws -> RuntimeValue

extension TemplateInterpreter {
    private static let filters: [String: TemplateFilterFunction] =
        textFilters
        .merging(itemFilters) { first, _ in first }
        .merging(numberFilters) { first, _ in first }
        .merging(selectionFilters) { first, _ in first }
        .merging(groupFilters) { first, _ in first }
        .merging(layoutFilters) { first, _ in first }

    static func hasFilter(_ name: String) -> Bool { filters[name] != nil }

    /// Applies a filter.
    func apply(filter name: String, to value: RuntimeValue, _ arguments: RuntimeArguments) throws -> RuntimeValue {
        guard let filter = Self.filters[name] else {
            throw ChatTemplateError.template("there is no filter '\(name)', or it is not supported")
        }
        try charge(work: value.size)
        return try filter(self, value, arguments)
    }

    /// A filter that makes text of its value's text, without arguments.
    private static func text(
        _ name: String, _ transform: @escaping @Sendable (TemplateString) -> TemplateString
    ) -> TemplateFilterFunction {
        { _, value, arguments in
            _ = try arguments.bind([], function: name)
            return try .string(transform(value.asText()))
        }
    }

    private static let textFilters: [String: TemplateFilterFunction] = [
        "upper": text("upper") { $0.uppercased() },
        "lower": text("lower") { $0.lowercased() },
        "capitalize": text("capitalize") { $0.capitalized() },
        "title": text("title") { $0.wordsCapitalized().withoutMarkup },
        "string": text("string") { $0 },
        "safe": text("safe") { $0.asMarkup },
        "escape": text("escape") { $0.escapedOnce },
        "e": text("e") { $0.escapedOnce },
        "forceescape": text("forceescape") { $0.escaped() },
        "trim": { _, value, arguments in
            let set = try arguments.bind(["chars"], function: "trim")[0]?.ifNotNone?.string(for: "trim")
            return try .string(value.asText().trimmed(set))
        },
        "replace": { interpreter, value, arguments in
            let given = try arguments.bind(["old", "new", "count"], required: 2, function: "replace")
            let string = try value.asText()
            let limit = try given[2]?.ifNotNone?.integer(for: "replace")
            return try .string(
                interpreter.replace(
                    given[0]?.asText() ?? string, with: given[1]?.asText() ?? string, in: string,
                    limit: limit.flatMap { $0 < 0 ? nil : $0 }))
        },
        "indent": { interpreter, value, arguments in try interpreter.indent(value, arguments) },
        "join": { interpreter, value, arguments in
            let given = try arguments.bind(["d", "attribute"], function: "join")
            let items = try value.items().map { item in
                try given[1]?.ifNotNone.map { try interpreter.follow($0, from: item) } ?? item
            }
            return try .string(
                interpreter.join(items.map { try $0.asText() }, separator: given[0]?.asText() ?? TemplateString()))
        },
        "wordcount": { _, value, arguments in
            _ = try arguments.bind([], function: "wordcount")
            return try .integer(value.asText().wordRuns)
        },
        "tojson": { interpreter, value, arguments in try interpreter.json(value, arguments) },
    ]

    private func indent(_ value: RuntimeValue, _ arguments: RuntimeArguments) throws -> RuntimeValue {
        let given = try arguments.bind(["width", "first", "blank"], function: "indent")
        let string = try value.string(for: "indent")
        let prefix = try indentation(given[0] ?? .integer(4))
        let lines = string.lines(keepingEnds: false)
        try charge(characters: string.count + prefix.count * lines.count)
        var result = given[1]?.isTrue ?? false ? prefix : TemplateString()
        // The filter appends a newline before it cuts lines, so that a last empty line counts as one.
        let endsInNewline = string.isEmpty || string.scalars.last == "\n"
        for (index, line) in (endsInNewline ? lines + [TemplateString()] : lines).enumerated() {
            if index > 0 {
                result.append("\n".unicodeScalars, isUserText: false)
                if !line.isEmpty || given[2]?.isTrue ?? false { result.append(prefix) }
            }
            result.append(line)
        }
        result.isMarkup = string.isMarkup
        return .string(result)
    }

    private func indentation(_ width: RuntimeValue) throws -> TemplateString {
        if case .string(let prefix) = width { return prefix }
        let count = max(0, try width.integer(for: "indent"))
        try charge(characters: count)
        return TemplateString(template: String(repeating: " ", count: count))
    }

    private func json(_ value: RuntimeValue, _ arguments: RuntimeArguments) throws -> RuntimeValue {
        let given = try arguments.bind(["ensure_ascii", "indent", "separators", "sort_keys"], function: "tojson")
        var json = JSONText()
        json.escapesBeyondASCII = given[0]?.isTrue ?? false
        json.sortsKeys = given[3]?.isTrue ?? false
        if let indent = given[1]?.ifNotNone {
            json.indent = try indentation(indent).text
            json.itemSeparator = ","
        }
        if let separators = try given[2]?.ifNotNone?.items() {
            guard separators.count == 2 else { throw ChatTemplateError.template("'tojson' needs two separators") }
            json.itemSeparator = try separators[0].string(for: "tojson").text
            json.keySeparator = try separators[1].string(for: "tojson").text
        }
        let text = try json.write(value)
        try charge(characters: text.count)
        return .string(text)
    }
}

extension TemplateString {
    /// How many runs of letters, digits and underscores there are.
    fileprivate var wordRuns: Int {
        var runs = 0
        var isInRun = false
        for scalar in scalars {
            if scalar.isPythonWord, !isInRun { runs += 1 }
            isInRun = scalar.isPythonWord
        }
        return runs
    }
}
