extension TemplateMethods {
    /// The methods of Python's strings.
    static let ofStrings: [String: TemplateMethodFunction<TemplateString>] = [
        "upper": changed { $0.uppercased() },
        "lower": changed { $0.lowercased() },
        "title": changed { $0.titlecased() },
        "capitalize": changed { $0.capitalized() },
        "swapcase": changed { $0.caseSwapped() },
        "isupper": holds { $0.isUppercase },
        "islower": holds { $0.isLowercase },
        "isascii": holds { $0.scalars.allSatisfy(\.isASCII) },
        "isspace": holdsForEach { $0.isPythonSpace },
        "isdigit": holdsForEach { $0.isPythonDigit },
        "isdecimal": holdsForEach { $0.properties.numericType == .decimal },
        "isnumeric": holdsForEach { $0.properties.numericType != nil },
        "isalpha": holdsForEach { $0.isPythonLetter },
        "isalnum": holdsForEach { $0.isPythonLetter || $0.properties.numericType != nil },
        "strip": trimmed(leading: true, trailing: true),
        "lstrip": trimmed(leading: true, trailing: false),
        "rstrip": trimmed(leading: false, trailing: true),
        "split": parts({ $0.split($1, limit: $2) }, ofWords: { $0.words(limit: $1) }),
        "rsplit": parts({ $0.splitFromEnd($1, limit: $2) }, ofWords: { $0.wordsFromEnd(limit: $1) }),
        "splitlines": { string, call in
            let keepsEnds = try call.bind(["keepends"])[0]?.isTrue ?? false
            return try list(string.lines(keepingEnds: keepsEnds), call.budget)
        },
        "partition": partition(first) { [$0, TemplateString(), TemplateString()] },
        "rpartition": partition(last) { [TemplateString(), TemplateString(), $0] },
        "startswith": hasAffix { $0.hasPrefix($1) },
        "endswith": hasAffix { $0.hasSuffix($1) },
        "removeprefix": withoutAffix { $0.hasPrefix($1) ? $0[$1.count..<$0.count] : $0 },
        "removesuffix": withoutAffix { $0.hasSuffix($1) ? $0[0..<$0.count - $1.count] : $0 },
        "find": place(first, isRequired: false),
        "rfind": place(last, isRequired: false),
        "index": place(first, isRequired: true),
        "rindex": place(last, isRequired: true),
        "count": { string, call in
            let (part, bounds) = try search(string, call)
            return .integer(bounds.map { string[$0].occurrences(of: part) } ?? 0)
        },
        "replace": { string, call in
            let given = try call.bind(["old", "new", "count"], required: 2)
            let old = try given[0]?.string(for: call.name) ?? string
            let new = try given[1]?.string(for: call.name) ?? string
            let limit = try given[2]?.integer(for: call.name)
            let replaced = try string.replacing(
                old, with: string.isMarkup ? new.escapedOnce : new, limit: limit.flatMap { $0 < 0 ? nil : $0 },
                call.budget)
            return .string(string.isMarkup ? replaced.asMarkup : replaced)
        },
        "join": { string, call in
            let items = try call.bind(["iterable"], required: 1)[0]?.items() ?? []
            let parts = try items.map { try $0.string(for: call.name) }
            let joined = try string.joined(string.isMarkup ? parts.map(\.escapedOnce) : parts, call.budget)
            return .string(string.isMarkup ? joined.asMarkup : joined)
        },
        "format": { string, call in try .string(FieldFormat.expand(string, with: call.arguments, call.budget)) },
        "ljust": padded { $0.padded(to: $1, .left, fill: $2) },
        "rjust": padded { $0.padded(to: $1, .right, fill: $2) },
        "center": padded { $0.centered(in: $1, fill: $2) },
        "zfill": padded(usual: "0", takesFill: false) { string, width, _ in
            guard let sign = string.scalars.first, sign == "+" || sign == "-" else {
                return string.padded(to: width, .right, fill: "0")
            }
            return string[0..<1] + string[1..<string.count].padded(to: width - 1, .right, fill: "0")
        },
    ]

    private typealias StringMethod = TemplateMethodFunction<TemplateString>
    /// The index of a part in a string; nil if the part does not occur.
    private typealias Search = @Sendable (_ string: TemplateString, _ part: TemplateString) -> Int?

    private static let first: Search = { string, part in string.firstIndex(of: part) }
    private static let last: Search = { string, part in string.lastIndex(of: part) }

    // MARK: - Methods without arguments

    private static func changed(_ change: @escaping @Sendable (TemplateString) -> TemplateString) -> StringMethod {
        { string, call in
            try call.refuseArguments()
            return .string(change(string))
        }
    }

    private static func holds(_ test: @escaping @Sendable (TemplateString) -> Bool) -> StringMethod {
        { string, call in
            try call.refuseArguments()
            return .bool(test(string))
        }
    }

    /// Whether there are characters, and a test holds for each of them.
    private static func holdsForEach(_ test: @escaping @Sendable (Unicode.Scalar) -> Bool) -> StringMethod {
        holds { !$0.isEmpty && $0.scalars.allSatisfy(test) }
    }

    // MARK: - Parts

    private static func trimmed(leading: Bool, trailing: Bool) -> StringMethod {
        { string, call in
            let set = try call.bind(["chars"])[0]?.ifNotNone?.string(for: call.name)
            return .string(string.trimmed(set, leading: leading, trailing: trailing))
        }
    }

    private static func list(_ strings: [TemplateString], _ budget: TemplateBudget) throws -> RuntimeValue {
        try budget.charge(items: strings.count)
        return try .list(strings.map { .string($0) })
    }

    /// The parts between separators, or the words if no separator is given.
    private static func parts(
        _ split: @escaping @Sendable (TemplateString, _ separator: TemplateString, _ limit: Int) -> [TemplateString],
        ofWords words: @escaping @Sendable (TemplateString, _ limit: Int) -> [TemplateString]
    ) -> StringMethod {
        { string, call in
            let given = try call.bind(["sep", "maxsplit"])
            let limit = try given[1]?.integer(for: call.name) ?? -1
            guard let separator = try given[0]?.ifNotNone?.string(for: call.name) else {
                return try list(words(string, limit), call.budget)
            }
            guard !separator.isEmpty else { throw needsSeparator(call) }
            return try list(split(string, separator, limit), call.budget)
        }
    }

    private static func needsSeparator(_ call: TemplateCall) -> ChatTemplateError {
        .template("'\(call.name)' needs a separator that is not empty")
    }

    /// The text before a separator, the separator, and the text after it.
    private static func partition(
        _ place: @escaping Search, otherwise: @escaping @Sendable (TemplateString) -> [TemplateString]
    ) -> StringMethod {
        { string, call in
            guard let separator = try call.bind(["sep"], required: 1)[0]?.string(for: call.name), !separator.isEmpty
            else { throw needsSeparator(call) }
            guard let start = place(string, separator) else {
                return try .tuple(otherwise(string).map { .string($0) })
            }
            let end = start + separator.count
            let parts = [string[0..<start], string[start..<end], string[end..<string.count]]
            return try .tuple(parts.map { .string($0) })
        }
    }

    private static func withoutAffix(
        _ remove: @escaping @Sendable (TemplateString, _ affix: TemplateString) -> TemplateString
    ) -> StringMethod {
        { string, call in
            guard let affix = try call.bind(["affix"], required: 1)[0]?.string(for: call.name) else { return .none }
            return .string(remove(string, affix))
        }
    }

    // MARK: - Searching

    private static func hasAffix(
        _ test: @escaping @Sendable (TemplateString, _ affix: TemplateString) -> Bool
    ) -> StringMethod {
        { string, call in
            let given = try call.bind(["affix", "start", "end"], required: 1)
            var affixes: [RuntimeValue] = given[0].map { [$0] } ?? []
            if case .tuple(let list)? = given[0] { affixes = list.items }
            let bounds = try bounds(given[1], given[2], of: string, call)
            return try .bool(
                affixes.contains { value in
                    let affix = try value.string(for: call.name)
                    return bounds.map { test(string[$0], affix) } ?? false
                })
        }
    }

    /// The index of a text within the given bounds. If it does not occur: -1, or an error if `isRequired`.
    private static func place(_ place: @escaping Search, isRequired: Bool) -> StringMethod {
        { string, call in
            let (part, bounds) = try search(string, call)
            if let bounds, let found = place(string[bounds], part) { return .integer(found + bounds.lowerBound) }
            guard !isRequired else { throw ChatTemplateError.template("'\(call.name)': the text is not in the string") }
            return .integer(-1)
        }
    }

    /// The text that a method is to find, and the bounds of the search; nil bounds are beyond the string.
    private static func search(
        _ string: TemplateString, _ call: TemplateCall
    ) throws -> (part: TemplateString, bounds: Range<Int>?) {
        let given = try call.bind(["sub", "start", "end"], required: 1)
        let part = try (given[0] ?? .none).string(for: call.name)
        return try (part, bounds(given[1], given[2], of: string, call))
    }

    /// The bounds of a search in a string; nil if they begin after the string's end.
    private static func bounds(
        _ start: RuntimeValue?, _ end: RuntimeValue?, of string: TemplateString, _ call: TemplateCall
    ) throws -> Range<Int>? {
        let first = try start?.ifNotNone?.integer(for: call.name)
        let last = try end?.ifNotNone?.integer(for: call.name)
        guard first ?? 0 <= string.count else { return nil }
        let (lower, upper) = RuntimeValue.sliceBounds(first, last, step: 1, count: string.count)
        return lower <= upper ? lower..<upper : nil
    }

    // MARK: - Width

    private static func padded(
        usual: Unicode.Scalar = " ", takesFill: Bool = true,
        _ pad: @escaping @Sendable (TemplateString, _ width: Int, _ fill: Unicode.Scalar) -> TemplateString
    ) -> StringMethod {
        { string, call in
            let given = try call.bind(["width", "fill"], required: 1)
            let width = try given[0]?.integer(for: call.name) ?? 0
            try call.budget.charge(characters: max(0, width))
            let fill = try given[1]?.string(for: call.name).scalars ?? [usual]
            guard fill.count == 1, takesFill || given[1] == nil else {
                throw ChatTemplateError.template("'\(call.name)' needs one character to fill with")
            }
            return .string(pad(string, width, fill[0]))
        }
    }
}
