extension TemplateFilters {
    /// Filters that compare items with one another.
    static let ordering: [String: TemplateFilterFunction] = [
        "sort": { value, call in
            let given = try call.bind(["reverse", "case_sensitive", "attribute"])
            return try .list(
                sorted(
                    value.items(), reversed: given[0]?.isTrue ?? false, isCaseSensitive: given[1]?.isTrue ?? false,
                    call.budget
                ) { try sortKey(given[2], of: $0) })
        },
        "dictsort": { value, call in
            let given = try call.bind(["case_sensitive", "by", "reverse"])
            guard case .mapping(let mapping) = value else {
                throw ChatTemplateError.template("'dictsort' needs a mapping, not \(value.kind)")
            }
            let byValue = try given[1]?.string(for: call.name).text == "value"
            return try .list(
                sorted(
                    mapping.pairs(), reversed: given[2]?.isTrue ?? false, isCaseSensitive: given[0]?.isTrue ?? false,
                    call.budget
                ) { pair in try pair.element(.integer(byValue ? 1 : 0)) })
        },
        "groupby": groups,
        "unique": unique,
        "min": { try extreme($0, $1) { candidate, best in try candidate.isLess(than: best) } },
        "max": { try extreme($0, $1) { candidate, best in try best.isLess(than: candidate) } },
    ]

    /// The value that sorting compares: lower-cased if the case is to be ignored.
    private static func folded(_ value: RuntimeValue, isCaseSensitive: Bool) -> RuntimeValue {
        guard !isCaseSensitive, case .string(let string) = value else { return value }
        return .string(string.lowercased())
    }

    /// The value that an item is sorted by: itself, an attribute, or several with commas between.
    private static func sortKey(_ attribute: RuntimeValue?, of item: RuntimeValue) throws -> RuntimeValue {
        guard let attribute = attribute?.ifNotNone else { return item }
        guard case .string(let paths) = attribute, paths.scalars.contains(",") else {
            return try item.following(attribute)
        }
        return try .list(
            paths.split(TemplateString(template: ","), limit: -1).map { try item.following(.string($0)) })
    }

    private static func sorted(
        _ items: [RuntimeValue], reversed: Bool, isCaseSensitive: Bool, _ budget: TemplateBudget,
        key: (RuntimeValue) throws -> RuntimeValue
    ) throws -> [RuntimeValue] {
        var keyed = try items.map { item in
            let found = try key(item)
            guard case .list(let parts) = found else {
                return (key: folded(found, isCaseSensitive: isCaseSensitive), item: item)
            }
            let foldedParts = parts.items.map { folded($0, isCaseSensitive: isCaseSensitive) }
            return try (key: RuntimeValue.list(foldedParts), item: item)
        }
        // Equal items keep their order, even in descending order, as in Python.
        try keyed.stableSort { a, b in
            try budget.charge(work: min(a.key.size, b.key.size))
            return reversed ? try b.key.isLess(than: a.key) : try a.key.isLess(than: b.key)
        }
        return keyed.map(\.item)
    }

    /// Groups items with equal attributes, in the order of the attributes: tuples of `grouper` and `list`.
    @Sendable private static func groups(_ value: RuntimeValue, _ call: TemplateCall) throws -> RuntimeValue {
        let given = try call.bind(["attribute", "default", "case_sensitive"], required: 1)
        let isCaseSensitive = given[2]?.isTrue ?? false
        func key(_ item: RuntimeValue) throws -> RuntimeValue {
            let found = try item.following(given[0] ?? .none)
            return found.isUndefined ? given[1]?.ifNotNone ?? found : found
        }
        let items = try sorted(
            value.items(), reversed: false, isCaseSensitive: isCaseSensitive, call.budget, key: key)
        var groups: [(key: RuntimeValue, items: [RuntimeValue])] = []
        for item in items {
            let found = try key(item)
            let isSame = groups.last.map { last in
                folded(last.key, isCaseSensitive: isCaseSensitive)
                    .isEqual(to: folded(found, isCaseSensitive: isCaseSensitive))
            }
            if isSame ?? false {
                groups[groups.count - 1].items.append(item)
            } else {
                groups.append((found, [item]))
            }
        }
        return try .list(
            groups.map { try .tuple(RuntimeList([$0.key, .list($0.items)], attributes: ["grouper", "list"])) })
    }

    @Sendable private static func unique(_ value: RuntimeValue, _ call: TemplateCall) throws -> RuntimeValue {
        let given = try call.bind(["case_sensitive", "attribute"])
        var seen: [RuntimeValue] = []
        var seenSize = 0
        var items: [RuntimeValue] = []
        for item in try value.items() {
            let found = try given[1]?.ifNotNone.map(item.following) ?? item
            let key = folded(found, isCaseSensitive: given[0]?.isTrue ?? false)
            try call.budget.charge(items: seen.count)
            try call.budget.charge(work: min(seenSize, seen.count * key.size))
            seenSize += key.size
            if seen.contains(where: { $0.isEqual(to: key) }) { continue }
            seen.append(key)
            items.append(item)
        }
        return try .generator(items)
    }

    /// The first item that no other item is better than.
    private static func extreme(
        _ value: RuntimeValue, _ call: TemplateCall, isBetter: (RuntimeValue, RuntimeValue) throws -> Bool
    ) throws -> RuntimeValue {
        let given = try call.bind(["case_sensitive", "attribute"])
        var best: (key: RuntimeValue, item: RuntimeValue)?
        for item in try value.items() {
            let found = try given[1]?.ifNotNone.map(item.following) ?? item
            let key = folded(found, isCaseSensitive: given[0]?.isTrue ?? false)
            if let best, try !isBetter(key, best.key) { continue }
            best = (key, item)
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
