extension TemplateFilters {
    /// Filters of a value's text.
    static let text: [String: TemplateFilterFunction] = [
        "upper": plain { $0.uppercased() },
        "lower": plain { $0.lowercased() },
        "capitalize": plain { $0.capitalized() },
        "title": plain { $0.wordsCapitalized().withoutMarkup },
        "string": plain { $0 },
        "safe": plain { $0.asMarkup },
        "escape": plain { $0.escapedOnce },
        "e": plain { $0.escapedOnce },
        "forceescape": plain { $0.escaped() },
        "trim": { value, call in
            let set = try call.bind(["chars"])[0]?.ifNotNone?.string(for: call.name)
            return try .string(value.asText().trimmed(set))
        },
        "replace": { value, call in
            let given = try call.bind(["old", "new", "count"], required: 2)
            let string = try value.asText()
            let limit = try given[2]?.ifNotNone?.integer(for: call.name)
            return try .string(
                string.replacing(
                    given[0]?.asText() ?? string, with: given[1]?.asText() ?? string,
                    limit: limit.flatMap { $0 < 0 ? nil : $0 }, call.budget))
        },
        "indent": indent,
        "join": { value, call in
            let given = try call.bind(["d", "attribute"])
            let items = try value.items().map { item in try given[1]?.ifNotNone.map(item.following) ?? item }
            let parts = try items.map { try $0.asText() }
            return try .string((given[0]?.asText() ?? TemplateString()).joined(parts, call.budget))
        },
        "wordcount": { value, call in
            try call.refuseArguments()
            return try .integer(value.asText().wordRuns)
        },
        "format": { value, call in
            guard call.arguments.positional.isEmpty || call.arguments.named.isEmpty else {
                throw ChatTemplateError.template("'format' takes positional or named arguments, not both")
            }
            let members = call.arguments.named.map { (TemplateString(template: $0.name), $0.value) }
            let values: RuntimeValue =
                try members.isEmpty ? .tuple(call.arguments.positional) : .mapping(RuntimeMapping(members))
            return try .string(PercentFormat.expand(value.asText(), with: values, call.budget))
        },
        "center": { value, call in
            let width = try call.bind(["width"])[0]?.integer(for: call.name) ?? 80
            try call.budget.charge(characters: max(0, width))
            return try .string(value.asText().centered(in: width, fill: " "))
        },
        "truncate": truncate,
        "urlencode": { value, call in
            try call.refuseArguments()
            guard case .mapping(let mapping) = value else { return try .string(value.asText().percentEncoded()) }
            let pairs = try mapping.members.map { key, value in
                try key.asText().percentEncoded(inQuery: true) + TemplateString(template: "=")
                    + value.asText().percentEncoded(inQuery: true)
            }
            return try .string(TemplateString(template: "&").joined(pairs, call.budget))
        },
        "tojson": json,
    ]

    /// A filter without arguments that transforms its value's text.
    private static func plain(
        _ transform: @escaping @Sendable (TemplateString) -> TemplateString
    ) -> TemplateFilterFunction {
        { value, call in
            try call.refuseArguments()
            return try .string(transform(value.asText()))
        }
    }

    @Sendable private static func indent(_ value: RuntimeValue, _ call: TemplateCall) throws -> RuntimeValue {
        let given = try call.bind(["width", "first", "blank"])
        let string = try value.string(for: call.name)
        let prefix = try indentation(given[0] ?? .integer(4), call.budget)
        let lines = string.lines(keepingEnds: false)
        try call.budget.charge(characters: string.count + prefix.count * lines.count)
        var result = given[1]?.isTrue ?? false ? prefix : TemplateString()
        // The reference's filter appends a newline before it splits lines, so that a last empty line counts as a line.
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

    /// The text of one level of indentation, given as a string or as a number of blanks.
    private static func indentation(_ width: RuntimeValue, _ budget: TemplateBudget) throws -> TemplateString {
        if case .string(let prefix) = width { return prefix }
        let count = max(0, try width.integer(for: "indent"))
        try budget.charge(characters: count)
        return TemplateString(template: String(repeating: " ", count: count))
    }

    @Sendable private static func truncate(_ value: RuntimeValue, _ call: TemplateCall) throws -> RuntimeValue {
        let given = try call.bind(["length", "killwords", "end", "leeway"])
        let string = try value.string(for: call.name)
        let end = try given[2]?.string(for: call.name) ?? TemplateString(template: "...")
        let length = try given[0]?.integer(for: call.name) ?? 255
        let leeway = try given[3]?.ifNotNone?.integer(for: call.name) ?? 5
        guard length >= end.count, leeway >= 0 else {
            throw ChatTemplateError.template("'truncate' to \(length) characters leaves no room for its end")
        }
        guard string.count > length, string.count - length > leeway else { return .string(string) }
        let cut = string[0..<length - end.count]
        let space = given[1]?.isTrue ?? false ? nil : cut.lastIndex(of: TemplateString(template: " "))
        return .string((space.map { cut[0..<$0] } ?? cut) + end)
    }

    @Sendable private static func json(_ value: RuntimeValue, _ call: TemplateCall) throws -> RuntimeValue {
        let given = try call.bind(["ensure_ascii", "indent", "separators", "sort_keys"])
        var json = JSONText()
        json.escapesBeyondASCII = given[0]?.isTrue ?? false
        json.sortsKeys = given[3]?.isTrue ?? false
        if let indent = given[1]?.ifNotNone {
            json.indent = try indentation(indent, call.budget).text
            json.itemSeparator = ","
        }
        if let separators = try given[2]?.ifNotNone?.items() {
            guard separators.count == 2 else { throw ChatTemplateError.template("'tojson' needs two separators") }
            json.itemSeparator = try separators[0].string(for: call.name).text
            json.keySeparator = try separators[1].string(for: call.name).text
        }
        let text = try json.write(value)
        try call.budget.charge(characters: text.count)
        return .string(text)
    }
}

extension TemplateString {
    /// The number of runs of letters, digits and underscores.
    fileprivate var wordRuns: Int {
        var runs = 0
        var isInRun = false
        for scalar in scalars {
            if scalar.isPythonWord, !isInRun { runs += 1 }
            isInRun = scalar.isPythonWord
        }
        return runs
    }

    /// The string with every byte except letters, digits and `_.-~/` written as a percent sign and two digits; in a
    /// query slashes are written so too, and spaces as plus signs.
    fileprivate func percentEncoded(inQuery: Bool = false) -> TemplateString {
        let safe = inQuery ? "_.-~" : "_.-~/"
        return mapScalars { _, scalar in
            if inQuery, scalar == " " { return "+".unicodeScalars }
            let isSafe =
                scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                || safe.unicodeScalars.contains(scalar)
            if isSafe { return String.UnicodeScalarView([scalar]) }
            let bytes = String(scalar).utf8.map { byte in
                "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
            return bytes.joined().unicodeScalars
        }.withoutMarkup
    }
}
