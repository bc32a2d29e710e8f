extension TemplateInterpreter {
    static let groupFilters: [String: TemplateFilterFunction] = [
        "groupby": { interpreter, value, arguments in
            let given = try arguments.bind(
                ["attribute", "default", "case_sensitive"], required: 1, function: "groupby")
            return try interpreter.groups(
                value, by: given[0] ?? .none, default: given[1]?.ifNotNone, isCaseSensitive: given[2]?.isTrue ?? false)
        },
        "batch": { interpreter, value, arguments in
            let given = try arguments.bind(["linecount", "fill_with"], required: 1, function: "batch")
            return try interpreter.rows(
                value.items(), of: given[0]?.integer(for: "batch") ?? 0, filledWith: given[1]?.ifNotNone)
        },
        "slice": { interpreter, value, arguments in
            let given = try arguments.bind(["slices", "fill_with"], required: 1, function: "slice")
            return try interpreter.columns(
                value.items(), count: given[0]?.integer(for: "slice") ?? 0, filledWith: given[1]?.ifNotNone)
        },
    ]

    /// Items by equal attributes, in the attributes' order: tuples of `grouper` and `list`.
    private func groups(
        _ value: RuntimeValue, by attribute: RuntimeValue, default fallback: RuntimeValue?, isCaseSensitive: Bool
    ) throws -> RuntimeValue {
        func key(_ item: RuntimeValue) throws -> RuntimeValue {
            let found = try follow(attribute, from: item)
            return found.isUndefined ? fallback ?? found : found
        }
        let items = try sorted(value.items(), reversed: false, isCaseSensitive: isCaseSensitive, key: key)
        var groups: [(key: RuntimeValue, items: [RuntimeValue])] = []
        for item in items {
            let found = try key(item)
            let isSame = groups.last.map { last in
                Self.folded(last.key, isCaseSensitive: isCaseSensitive)
                    .isEqual(to: Self.folded(found, isCaseSensitive: isCaseSensitive))
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

    /// Lists of `size` items each; the last one filled up, if there is something to fill it with.
    private func rows(
        _ items: [RuntimeValue], of size: Int, filledWith fill: RuntimeValue?
    ) throws -> RuntimeValue {
        guard size > 0 else { throw ChatTemplateError.template("'batch' needs a size of at least 1, not \(size)") }
        var rows = stride(from: 0, to: items.count, by: size).map { Array(items[$0..<min($0 + size, items.count)]) }
        if let fill, let last = rows.last {
            try charge(items: size - last.count)
            rows[rows.count - 1] += repeatElement(fill, count: size - last.count)
        }
        return try .generator(rows.map { try .list($0) })
    }

    /// The items in `count` lists of nearly equal lengths, the longer ones first.
    private func columns(
        _ items: [RuntimeValue], count: Int, filledWith fill: RuntimeValue?
    ) throws -> RuntimeValue {
        guard count > 0 else { throw ChatTemplateError.template("'slice' needs a count of at least 1, not \(count)") }
        try charge(items: count)
        let longer = items.count % count
        var start = 0
        return try .generator(
            (0..<count).map { column in
                let end = start + items.count / count + (column < longer ? 1 : 0)
                defer { start = end }
                let isShort = column >= longer
                return try .list(Array(items[start..<end]) + (isShort ? fill.map { [$0] } ?? [] : []))
            })
    }
}
