extension TemplateInterpreter {
    static let itemFilters: [String: TemplateFilterFunction] = [
        "length": length, "count": length,
        "first": { _, value, arguments in
            _ = try arguments.bind([], function: "first")
            if case .generator(let generator) = value {
                return generator.next() ?? .undefined("there is no first item")
            }
            return try value.items().first ?? .undefined("there is no first item")
        },
        "last": { _, value, arguments in
            _ = try arguments.bind([], function: "last")
            if case .generator = value { throw ChatTemplateError.template("'last' cannot be applied to a generator") }
            return try value.items().last ?? .undefined("there is no last item")
        },
        "list": { _, value, arguments in
            _ = try arguments.bind([], function: "list")
            return try .list(value.items())
        },
        "items": { _, value, arguments in
            _ = try arguments.bind([], function: "items")
            if case .undefined = value { return try .generator([]) }
            guard case .mapping(let mapping) = value else {
                throw ChatTemplateError.template("'items' needs a mapping, not \(value.kind)")
            }
            return try .generator(mapping.pairs())
        },
        "reverse": { _, value, arguments in
            _ = try arguments.bind([], function: "reverse")
            if case .string(let string) = value { return .string(string.reversed()) }
            let items: [RuntimeValue] = try value.items().reversed()
            if case .generator = value { return try .list(items) }
            return try .generator(items)
        },
        "default": defaultFilter, "d": defaultFilter,
        "attr": { interpreter, value, arguments in
            let name = try arguments.bind(["name"], required: 1, function: "attr")[0]?.string(for: "attr")
            if case .mapping = value { return .undefined("a mapping has no such attribute") }
            return try interpreter.attribute(name ?? TemplateString(), of: value)
        },
        "dictsort": { interpreter, value, arguments in
            let given = try arguments.bind(["case_sensitive", "by", "reverse"], function: "dictsort")
            guard case .mapping(let mapping) = value else {
                throw ChatTemplateError.template("'dictsort' needs a mapping, not \(value.kind)")
            }
            let byValue = try given[1]?.string(for: "dictsort").text == "value"
            return try .list(
                interpreter.sorted(
                    mapping.pairs(), reversed: given[2]?.isTrue ?? false, isCaseSensitive: given[0]?.isTrue ?? false
                ) { pair in try interpreter.element(.integer(byValue ? 1 : 0), of: pair) })
        },
        "sort": { interpreter, value, arguments in
            let given = try arguments.bind(["reverse", "case_sensitive", "attribute"], function: "sort")
            return try .list(
                interpreter.sorted(
                    value.items(), reversed: given[0]?.isTrue ?? false, isCaseSensitive: given[1]?.isTrue ?? false
                ) { try interpreter.sortKey(given[2], of: $0) })
        },
        "unique": { interpreter, value, arguments in
            let given = try arguments.bind(["case_sensitive", "attribute"], function: "unique")
            return try interpreter.unique(value, isCaseSensitive: given[0]?.isTrue ?? false, attribute: given[1])
        },
        "min": { interpreter, value, arguments in try interpreter.extreme("min", value, arguments) },
        "max": { interpreter, value, arguments in try interpreter.extreme("max", value, arguments) },
        "sum": { interpreter, value, arguments in
            let given = try arguments.bind(["attribute", "start"], function: "sum")
            var total = given[1] ?? .integer(0)
            for item in try value.items() {
                let term = try given[0]?.ifNotNone.map { try interpreter.follow($0, from: item) } ?? item
                total = try interpreter.calculate(total, .add, term)
            }
            return total
        },
    ]

    private static let length: TemplateFilterFunction = { _, value, arguments in
        _ = try arguments.bind([], function: "length")
        guard let length = value.length else { throw ChatTemplateError.template("\(value.kind) has no length") }
        return .integer(length)
    }

    private static let defaultFilter: TemplateFilterFunction = { _, value, arguments in
        let given = try arguments.bind(["default_value", "boolean"], function: "default")
        let isMissing = value.isUndefined || (given[1]?.isTrue ?? false) && !value.isTrue
        return isMissing ? given[0] ?? .template("") : value
    }

    /// What case-insensitive sorting compares.
    static func folded(_ value: RuntimeValue, isCaseSensitive: Bool) -> RuntimeValue {
        guard !isCaseSensitive, case .string(let string) = value else { return value }
        return .string(string.lowercased())
    }

    /// The value that an item is sorted by: itself, an attribute, or several with commas between.
    private func sortKey(_ attribute: RuntimeValue?, of item: RuntimeValue) throws -> RuntimeValue {
        guard let attribute = attribute?.ifNotNone else { return item }
        guard case .string(let paths) = attribute, paths.scalars.contains(",") else {
            return try follow(attribute, from: item)
        }
        return try .list(
            paths.split(TemplateString(template: ","), limit: -1).map { try follow(.string($0), from: item) })
    }

    func sorted(
        _ items: [RuntimeValue], reversed: Bool, isCaseSensitive: Bool, key: (RuntimeValue) throws -> RuntimeValue
    ) throws -> [RuntimeValue] {
        var keyed = try items.map { item in
            let found = try key(item)
            guard case .list(let parts) = found else {
                return (key: Self.folded(found, isCaseSensitive: isCaseSensitive), item: item)
            }
            let folded = parts.items.map { Self.folded($0, isCaseSensitive: isCaseSensitive) }
            return try (key: RuntimeValue.list(folded), item: item)
        }
        // Equal items keep their order, also when sorting downwards, as in Python.
        try keyed.stableSort { a, b in
            try charge(work: min(a.key.size, b.key.size))
            return reversed ? try b.key.isLess(than: a.key) : try a.key.isLess(than: b.key)
        }
        return keyed.map(\.item)
    }

    private func unique(
        _ value: RuntimeValue, isCaseSensitive: Bool, attribute: RuntimeValue?
    ) throws -> RuntimeValue {
        var seen: [RuntimeValue] = []
        var seenSize = 0
        var items: [RuntimeValue] = []
        for item in try value.items() {
            let found = try attribute?.ifNotNone.map { try follow($0, from: item) } ?? item
            let key = Self.folded(found, isCaseSensitive: isCaseSensitive)
            try charge(items: seen.count)
            try charge(work: min(seenSize, seen.count * key.size))
            seenSize += key.size
            if seen.contains(where: { $0.isEqual(to: key) }) { continue }
            seen.append(key)
            items.append(item)
        }
        return try .generator(items)
    }

    private func extreme(
        _ name: String, _ value: RuntimeValue, _ arguments: RuntimeArguments
    ) throws -> RuntimeValue {
        let given = try arguments.bind(["case_sensitive", "attribute"], function: name)
        var best: (key: RuntimeValue, item: RuntimeValue)?
        for item in try value.items() {
            let found = try given[1]?.ifNotNone.map { try follow($0, from: item) } ?? item
            let key = Self.folded(found, isCaseSensitive: given[0]?.isTrue ?? false)
            guard let current = best else {
                best = (key, item)
                continue
            }
            if try name == "min" ? key.isLess(than: current.key) : current.key.isLess(than: key) { best = (key, item) }
        }
        return best?.item ?? .undefined("there is no item")
    }
}

extension Array {
    /// Sorts by merging, so that equal elements keep their order.
    mutating func stableSort(_ isBefore: (Element, Element) throws -> Bool) rethrows {
        var width = 1
        while width < count {
            var merged: [Element] = []
            merged.reserveCapacity(count)
            for start in stride(from: 0, to: count, by: 2 * width) {
                let middle = Swift.min(start + width, count)
                let end = Swift.min(middle + width, count)
                var left = start
                var right = middle
                while left < middle, right < end {
                    if try isBefore(self[right], self[left]) {
                        merged.append(self[right])
                        right += 1
                    } else {
                        merged.append(self[left])
                        left += 1
                    }
                }
                merged += self[left..<middle]
                merged += self[right..<end]
            }
            self = merged
            width *= 2
        }
    }
}
