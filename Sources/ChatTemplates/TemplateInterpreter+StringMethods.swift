extension TemplateInterpreter {
    func callString(
        _ name: String, _ string: TemplateString, _ arguments: RuntimeArguments
    ) throws -> RuntimeValue {
        switch name {
        case "strip", "lstrip", "rstrip":
            let set = try arguments.bind(["chars"], function: name)[0]?.ifNotNone?.string(for: name)
            return .string(string.trimmed(set, leading: name != "rstrip", trailing: name != "lstrip"))
        case "split", "rsplit": return try split(name, string, arguments)
        case "splitlines":
            let keepsEnds = try arguments.bind(["keepends"], function: name)[0]?.isTrue ?? false
            return try list(string.lines(keepingEnds: keepsEnds))
        case "startswith", "endswith": return try .bool(hasAffix(name, string, arguments))
        case "removeprefix", "removesuffix": return try .string(removeAffix(name, string, arguments))
        case "replace":
            let given = try arguments.bind(["old", "new", "count"], required: 2, function: name)
            let old = try given[0]?.string(for: name) ?? string
            let new = try given[1]?.string(for: name) ?? string
            let limit = try given[2]?.integer(for: name)
            let replaced = try replace(
                old, with: string.isMarkup ? new.escapedOnce : new, in: string,
                limit: limit.flatMap { $0 < 0 ? nil : $0 })
            return .string(string.isMarkup ? replaced.asMarkup : replaced)
        case "find", "rfind", "index", "rindex", "count": return try find(name, string, arguments)
        case "format": return try format(string, arguments)
        case "zfill", "center", "ljust", "rjust": return try .string(padded(name, string, arguments))
        case "partition", "rpartition": return try partition(name, string, arguments)
        case "join":
            let parts = try arguments.bind(["iterable"], required: 1, function: name)[0]?.items() ?? []
            let joined = try join(
                parts.map { try (string.isMarkup ? $0.escapedOnce : $0).string(for: name) }, separator: string)
            return .string(string.isMarkup ? joined.asMarkup : joined)
        default:
            _ = try arguments.bind([], function: name)
            return try transform(name, string)
        }
    }

    private func transform(_ name: String, _ string: TemplateString) throws -> RuntimeValue {
        let scalars = string.scalars
        switch name {
        case "upper": return .string(string.uppercased())
        case "lower": return .string(string.lowercased())
        case "title": return .string(string.titlecased())
        case "capitalize": return .string(string.capitalized())
        case "isupper": return .bool(string.isUppercase)
        case "islower": return .bool(string.isLowercase)
        case "swapcase": return .string(string.caseSwapped())
        case "isdecimal": return .bool(!scalars.isEmpty && scalars.allSatisfy { $0.properties.numericType == .decimal })
        case "isnumeric": return .bool(!scalars.isEmpty && scalars.allSatisfy { $0.properties.numericType != nil })
        case "isascii": return .bool(scalars.allSatisfy(\.isASCII))
        case "isspace": return .bool(!scalars.isEmpty && scalars.allSatisfy(\.isPythonSpace))
        case "isdigit": return .bool(!scalars.isEmpty && scalars.allSatisfy(\.isPythonDigit))
        case "isalpha": return .bool(!scalars.isEmpty && scalars.allSatisfy(\.isPythonLetter))
        case "isalnum":
            return .bool(
                !scalars.isEmpty
                    && scalars.allSatisfy { $0.isPythonLetter || $0.properties.numericType != nil })
        default: throw Self.noMethod(name, .string(string))
        }
    }

    private func list(_ strings: [TemplateString]) throws -> RuntimeValue {
        try charge(items: strings.count)
        return try .list(strings.map { .string($0) })
    }

    private func split(
        _ name: String, _ string: TemplateString, _ arguments: RuntimeArguments
    ) throws -> RuntimeValue {
        let given = try arguments.bind(["sep", "maxsplit"], function: name)
        let limit = try given[1]?.integer(for: name) ?? -1
        let fromEnd = name == "rsplit"
        guard let separator = try given[0]?.ifNotNone?.string(for: name) else {
            return try list(fromEnd ? string.wordsFromEnd(limit: limit) : string.words(limit: limit))
        }
        guard !separator.isEmpty else {
            throw ChatTemplateError.template("'\(name)' needs a separator that is not empty")
        }
        return try list(
            fromEnd ? string.splitFromEnd(separator, limit: limit) : string.split(separator, limit: limit))
    }

    private func hasAffix(_ name: String, _ string: TemplateString, _ arguments: RuntimeArguments) throws -> Bool {
        let given = try arguments.bind(["affix", "start", "end"], required: 1, function: name)
        var affixes: [RuntimeValue] = given[0].map { [$0] } ?? []
        if case .tuple(let list)? = given[0] { affixes = list.items }
        let bounds = try bounds(given[1], given[2], of: string, function: name)
        return try affixes.contains { value in
            let affix = try value.string(for: name)
            guard let bounds else { return false }
            let part = string[bounds]
            return name == "startswith" ? part.hasPrefix(affix) : part.hasSuffix(affix)
        }
    }

    private func removeAffix(
        _ name: String, _ string: TemplateString, _ arguments: RuntimeArguments
    ) throws -> TemplateString {
        guard let affix = try arguments.bind(["affix"], required: 1, function: name)[0]?.string(for: name) else {
            return string
        }
        if name == "removeprefix" { return string.hasPrefix(affix) ? string[affix.count..<string.count] : string }
        return string.hasSuffix(affix) ? string[0..<string.count - affix.count] : string
    }

    private func find(
        _ name: String, _ string: TemplateString, _ arguments: RuntimeArguments
    ) throws -> RuntimeValue {
        let given = try arguments.bind(["sub", "start", "end"], required: 1, function: name)
        guard let part = try given[0]?.string(for: name) else { return .none }
        let bounds = try bounds(given[1], given[2], of: string, function: name)
        let searched = bounds.map { string[$0] }
        if name == "count" { return .integer(searched?.occurrences(of: part) ?? 0) }
        let isFirst = name == "find" || name == "index"
        let place = isFirst ? searched?.firstIndex(of: part) : searched?.lastIndex(of: part)
        if let place, let bounds { return .integer(place + bounds.lowerBound) }
        guard name.hasSuffix("find") else {
            throw ChatTemplateError.template("'\(name)': the text is not in the string")
        }
        return .integer(-1)
    }

    /// The part of a string that a search is bound to; nil if it begins behind the end.
    private func bounds(
        _ start: RuntimeValue?, _ end: RuntimeValue?, of string: TemplateString, function: String
    ) throws -> Range<Int>? {
        let first = try start?.ifNotNone?.integer(for: function)
        let last = try end?.ifNotNone?.integer(for: function)
        guard first ?? 0 <= string.count else { return nil }
        let (lower, upper) = Self.sliceBounds(first, last, step: 1, count: string.count)
        return lower <= upper ? lower..<upper : nil
    }

    private func padded(
        _ name: String, _ string: TemplateString, _ arguments: RuntimeArguments
    ) throws -> TemplateString {
        let given = try arguments.bind(["width", "fill"], required: 1, function: name)
        let width = try given[0]?.integer(for: name) ?? 0
        try charge(characters: max(0, width))
        let fill = try given[1]?.string(for: name).scalars ?? [name == "zfill" ? "0" : " "]
        guard fill.count == 1, name != "zfill" || given[1] == nil else {
            throw ChatTemplateError.template("'\(name)' needs one character to fill with")
        }
        switch name {
        case "ljust": return string.padded(to: width, .left, fill: fill[0])
        case "rjust": return string.padded(to: width, .right, fill: fill[0])
        case "center": return string.centered(in: width, fill: fill[0])
        default:
            guard let sign = string.scalars.first, sign == "+" || sign == "-" else {
                return string.padded(to: width, .right, fill: "0")
            }
            return string[0..<1] + string[1..<string.count].padded(to: width - 1, .right, fill: "0")
        }
    }

    private func partition(
        _ name: String, _ string: TemplateString, _ arguments: RuntimeArguments
    ) throws -> RuntimeValue {
        guard let part = try arguments.bind(["sep"], required: 1, function: name)[0]?.string(for: name), !part.isEmpty
        else { throw ChatTemplateError.template("'\(name)' needs a separator that is not empty") }
        let isFirst = name == "partition"
        var parts =
            isFirst ? [string, TemplateString(), TemplateString()] : [TemplateString(), TemplateString(), string]
        if let place = isFirst ? string.firstIndex(of: part) : string.lastIndex(of: part) {
            let end = place + part.count
            parts = [string[0..<place], string[place..<end], string[end..<string.count]]
        }
        return try .tuple(parts.map { .string($0) })
    }

    /// Replaces text, within the limits.
    func replace(
        _ old: TemplateString, with new: TemplateString, in string: TemplateString, limit: Int?
    ) throws -> TemplateString {
        let times = min(string.occurrences(of: old), limit ?? Int.max)
        let (growth, overflows) = max(0, new.count - old.count).multipliedReportingOverflow(by: times)
        try charge(characters: overflows ? Int.max : string.count + growth)
        return string.replacing(old, with: new, limit: limit)
    }

    /// Joins strings, within the limits.
    func join(_ parts: [TemplateString], separator: TemplateString) throws -> TemplateString {
        let separators = separator.count.multipliedReportingOverflow(by: max(0, parts.count - 1))
        var characters = separators.overflow ? Int.max : separators.partialValue
        for part in parts {
            characters = characters.addingReportingOverflow(part.count).overflow ? Int.max : characters + part.count
        }
        try charge(characters: characters)
        try charge(items: parts.count)
        return separator.joined(parts)
    }
}

extension Unicode.Scalar {
    /// Whether Python's `str.isdigit` holds: decimal digits, and digits such as superscripts.
    fileprivate var isPythonDigit: Bool {
        properties.numericType == .decimal || properties.numericType == .digit
    }
}
