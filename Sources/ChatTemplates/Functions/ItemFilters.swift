extension TemplateFilters {
    /// Filters of a value's items, and filters of values of every kind.
    static let items: [String: TemplateFilterFunction] = [
        "length": length,
        "count": alias(of: "length", length),
        "first": { value, call in
            try call.refuseArguments()
            if case .generator(let generator) = value {
                return generator.next() ?? .undefined("there is no first item")
            }
            return try value.items().first ?? .undefined("there is no first item")
        },
        "last": { value, call in
            try call.refuseArguments()
            if case .generator = value { throw ChatTemplateError.template("'last' cannot be applied to a generator") }
            return try value.items().last ?? .undefined("there is no last item")
        },
        "list": { value, call in
            try call.refuseArguments()
            return try .list(value.items())
        },
        "items": { value, call in
            try call.refuseArguments()
            if case .undefined = value { return try .generator([]) }
            guard case .mapping(let mapping) = value else {
                throw ChatTemplateError.template("'items' needs a mapping, not \(value.kind)")
            }
            return try .generator(mapping.pairs())
        },
        "reverse": { value, call in
            try call.refuseArguments()
            if case .string(let string) = value { return .string(string.reversed()) }
            let items: [RuntimeValue] = try value.items().reversed()
            if case .generator = value { return try .list(items) }
            return try .generator(items)
        },
        "default": fallback,
        "d": alias(of: "default", fallback),
        "attr": { value, call in
            let name = try call.bind(["name"], required: 1)[0]?.string(for: call.name)
            if case .mapping = value { return .undefined("a mapping has no such attribute") }
            return try value.attribute(name ?? TemplateString())
        },
        "sum": { value, call in
            let given = try call.bind(["attribute", "start"])
            var total = given[1] ?? .integer(0)
            for item in try value.items() {
                let term = try given[0]?.ifNotNone.map(item.following) ?? item
                total = try ArithmeticOperator.add.apply(total, term, call.budget)
            }
            return total
        },
        "map": map,
        "select": { try select($0, $1, byAttribute: false, keeps: true) },
        "reject": { try select($0, $1, byAttribute: false, keeps: false) },
        "selectattr": { try select($0, $1, byAttribute: true, keeps: true) },
        "rejectattr": { try select($0, $1, byAttribute: true, keeps: false) },
        "batch": { value, call in
            let given = try call.bind(["linecount", "fill_with"], required: 1)
            return try rows(
                value.items(), of: given[0]?.integer(for: call.name) ?? 0, filledWith: given[1]?.ifNotNone,
                call.budget)
        },
        "slice": { value, call in
            let given = try call.bind(["slices", "fill_with"], required: 1)
            return try columns(
                value.items(), count: given[0]?.integer(for: call.name) ?? 0, filledWith: given[1]?.ifNotNone,
                call.budget)
        },
    ]

    @Sendable private static func length(_ value: RuntimeValue, _ call: TemplateCall) throws -> RuntimeValue {
        try call.refuseArguments()
        guard let length = value.length else { throw ChatTemplateError.template("\(value.kind) has no length") }
        return .integer(length)
    }

    @Sendable private static func fallback(_ value: RuntimeValue, _ call: TemplateCall) throws -> RuntimeValue {
        let given = try call.bind(["default_value", "boolean"])
        let isMissing = value.isUndefined || (given[1]?.isTrue ?? false) && !value.isTrue
        return isMissing ? given[0] ?? .template("") : value
    }

    /// `map('filter', ...)` or `map(attribute='name', default=...)`.
    @Sendable private static func map(_ value: RuntimeValue, _ call: TemplateCall) throws -> RuntimeValue {
        let items = value.isTrue ? try value.items() : []
        try call.budget.charge(items: items.count)
        if let filter = call.arguments.positional.first {
            let name = try filter.string(for: call.name).text
            let rest = call.arguments.dropFirst()
            return try .generator(items.map { try apply(name, to: $0, rest, call.budget) })
        }
        let given = try call.bind(["attribute", "default"], required: 1)
        guard let attribute = given[0] else { return try .generator(items) }
        return try .generator(
            items.map { item in
                let found = try item.following(attribute)
                return found.isUndefined ? given[1] ?? found : found
            })
    }

    /// The items that pass a test, or whose attribute passes it; without a test, those that are true.
    private static func select(
        _ value: RuntimeValue, _ call: TemplateCall, byAttribute: Bool, keeps: Bool
    ) throws -> RuntimeValue {
        let items = value.isTrue ? try value.items() : []
        try call.budget.charge(items: items.count)
        var arguments = call.arguments
        var attribute: RuntimeValue?
        if byAttribute {
            guard let name = arguments.positional.first else {
                throw ChatTemplateError.template("'selectattr' and 'rejectattr' need the attribute's name")
            }
            attribute = name
            arguments = arguments.dropFirst()
        }
        let test = try arguments.positional.first?.string(for: "select").text
        let rest = arguments.dropFirst()
        return try .generator(
            items.filter { item in
                let subject = try attribute.map(item.following) ?? item
                guard let test else { return subject.isTrue == keeps }
                return try TemplateTests.apply(test, to: subject, rest, call.budget) == keeps
            })
    }

    /// Lists of `size` items each; the last list is filled up if `fill` is given.
    private static func rows(
        _ items: [RuntimeValue], of size: Int, filledWith fill: RuntimeValue?, _ budget: TemplateBudget
    ) throws -> RuntimeValue {
        guard size > 0 else { throw ChatTemplateError.template("'batch' needs a size of at least 1, not \(size)") }
        var rows = stride(from: 0, to: items.count, by: size).map { Array(items[$0..<min($0 + size, items.count)]) }
        if let fill, let last = rows.last {
            try budget.charge(items: size - last.count)
            rows[rows.count - 1] += repeatElement(fill, count: size - last.count)
        }
        return try .generator(rows.map { try .list($0) })
    }

    /// The items in `count` lists of nearly equal lengths, the longer ones first.
    private static func columns(
        _ items: [RuntimeValue], count: Int, filledWith fill: RuntimeValue?, _ budget: TemplateBudget
    ) throws -> RuntimeValue {
        guard count > 0 else { throw ChatTemplateError.template("'slice' needs a count of at least 1, not \(count)") }
        try budget.charge(items: count)
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
