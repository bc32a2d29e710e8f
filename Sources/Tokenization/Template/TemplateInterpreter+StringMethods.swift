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
            return try replace(old, with: new, in: string, limit: limit.flatMap { $0 < 0 ? nil : $0 })
        case "find", "rfind", "count": return try find(name, string, arguments)
        case "partition", "rpartition": return try partition(name, string, arguments)
        case "join":
            let parts = try arguments.bind(["iterable"], required: 1, function: name)[0]?.items() ?? []
            return try join(parts.map { try $0.string(for: name) }, separator: string)
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
        case "isspace": return .bool(!scalars.isEmpty && scalars.allSatisfy(\.isPythonSpace))
        case "isdigit": return .bool(!scalars.isEmpty && scalars.allSatisfy(\.isPythonDigit))
        case "isalpha": return .bool(!scalars.isEmpty && scalars.allSatisfy { CharacterClass($0) == .letter })
        case "isalnum":
            return .bool(
                !scalars.isEmpty
                    && scalars.allSatisfy { CharacterClass($0) == .letter || $0.properties.numericType != nil })
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
            throw TokenizationError.template("'\(name)' needs a separator that is not empty")
        }
        return try list(
            fromEnd ? string.splitFromEnd(separator, limit: limit) : string.split(separator, limit: limit))
    }

    private func hasAffix(_ name: String, _ string: TemplateString, _ arguments: RuntimeArguments) throws -> Bool {
        let given = try arguments.bind(["affix"], required: 1, function: name)[0]
        var affixes: [RuntimeValue] = given.map { [$0] } ?? []
        if case .tuple(let list)? = given { affixes = list.items }
        return try affixes.contains { value in
            let affix = try value.string(for: name)
            return name == "startswith" ? string.hasPrefix(affix) : string.hasSuffix(affix)
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
        guard let part = try arguments.bind(["sub"], required: 1, function: name)[0]?.string(for: name) else {
            return .none
        }
        switch name {
        case "find": return .integer(string.firstIndex(of: part) ?? -1)
        case "rfind": return .integer(string.lastIndex(of: part) ?? -1)
        default: return .integer(string.occurrences(of: part))
        }
    }

    private func partition(
        _ name: String, _ string: TemplateString, _ arguments: RuntimeArguments
    ) throws -> RuntimeValue {
        guard let part = try arguments.bind(["sep"], required: 1, function: name)[0]?.string(for: name), !part.isEmpty
        else { throw TokenizationError.template("'\(name)' needs a separator that is not empty") }
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
    ) throws -> RuntimeValue {
        let times = min(string.occurrences(of: old), limit ?? Int.max)
        let (growth, overflows) = max(0, new.count - old.count).multipliedReportingOverflow(by: times)
        try charge(characters: overflows ? Int.max : string.count + growth)
        return .string(string.replacing(old, with: new, limit: limit))
    }

    /// Joins strings, within the limits.
    func join(_ parts: [TemplateString], separator: TemplateString) throws -> RuntimeValue {
        let separators = separator.count.multipliedReportingOverflow(by: max(0, parts.count - 1))
        var characters = separators.overflow ? Int.max : separators.partialValue
        for part in parts {
            characters = characters.addingReportingOverflow(part.count).overflow ? Int.max : characters + part.count
        }
        try charge(characters: characters)
        try charge(items: parts.count)
        return .string(separator.joined(parts))
    }
}

extension Unicode.Scalar {
    /// Whether Python's `str.isdigit` holds: decimal digits, and digits such as superscripts.
    fileprivate var isPythonDigit: Bool {
        properties.numericType == .decimal || properties.numericType == .digit
    }
}
