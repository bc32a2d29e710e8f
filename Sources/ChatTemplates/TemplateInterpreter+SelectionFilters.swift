extension TemplateInterpreter {
    static let selectionFilters: [String: TemplateFilterFunction] = [
        "map": { interpreter, value, arguments in try interpreter.map(value, arguments) },
        "select": { interpreter, value, arguments in
            try interpreter.select(value, arguments, byAttribute: false, keeps: true)
        },
        "reject": { interpreter, value, arguments in
            try interpreter.select(value, arguments, byAttribute: false, keeps: false)
        },
        "selectattr": { interpreter, value, arguments in
            try interpreter.select(value, arguments, byAttribute: true, keeps: true)
        },
        "rejectattr": { interpreter, value, arguments in
            try interpreter.select(value, arguments, byAttribute: true, keeps: false)
        },
    ]

    /// `map('filter', ...)` or `map(attribute='name', default=...)`.
    private func map(_ value: RuntimeValue, _ arguments: RuntimeArguments) throws -> RuntimeValue {
        let items = value.isTrue ? try value.items() : []
        try charge(items: items.count)
        if let filter = arguments.positional.first {
            let name = try filter.string(for: "map").text
            let rest = arguments.dropFirst()
            return try .generator(items.map { try apply(filter: name, to: $0, rest) })
        }
        let given = try arguments.bind(["attribute", "default"], required: 1, function: "map")
        guard let attribute = given[0] else { return try .generator(items) }
        return try .generator(
            items.map { item in
                let found = try follow(attribute, from: item)
                return found.isUndefined ? given[1] ?? found : found
            })
    }

    /// The items, or those whose attribute, that pass a test (that are true, without a test).
    private func select(
        _ value: RuntimeValue, _ arguments: RuntimeArguments, byAttribute: Bool, keeps: Bool
    ) throws -> RuntimeValue {
        let items = value.isTrue ? try value.items() : []
        try charge(items: items.count)
        var arguments = arguments
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
                let subject = try attribute.map { try follow($0, from: item) } ?? item
                return try (test.map { try apply(test: $0, to: subject, rest) } ?? subject.isTrue) == keeps
            })
    }
}
