extension TemplateInterpreter {
    /// The value of an expression.
    func evaluate(_ expression: TemplateExpression, _ scope: TemplateScope) throws -> RuntimeValue {
        try budget.step()
        return try budget.nested("evaluation nests") { try value(of: expression, scope) }
    }

    private func value(of expression: TemplateExpression, _ scope: TemplateScope) throws -> RuntimeValue {
        switch expression {
        case .none: return .none
        case .bool(let value): return .bool(value)
        case .integer(let value): return .integer(value)
        case .number(let value): return .number(value)
        case .string(let string): return .string(string)
        case .name(let name): return scope.value(of: name) ?? .undefined("'\(name)' is undefined")
        case .list(let items): return try .list(evaluate(items, scope))
        case .tuple(let items): return try .tuple(evaluate(items, scope))
        case .mapping(let members): return try mapping(members, scope)
        case .attribute(let base, let key, let name): return try evaluate(base, scope).attribute(key, name: name)
        case .element(let base, let index):
            let index = try evaluate(index, scope)
            return try evaluate(base, scope).element(index)
        case .slice(let base, let start, let stop, let step):
            return try slice(of: evaluate(base, scope), [start, stop, step], scope)
        case .call(let callee, let arguments): return try call(evaluate(callee, scope), evaluate(arguments, scope))
        case .filter(let base, let filter):
            return try TemplateFilters.apply(
                filter.name, to: evaluate(base, scope), evaluate(filter.arguments, scope), budget)
        case .test(let base, let name, let arguments):
            return try .bool(
                TemplateTests.apply(name, to: evaluate(base, scope), evaluate(arguments, scope), budget))
        default: return try operation(expression, scope)
        }
    }

    private func operation(_ expression: TemplateExpression, _ scope: TemplateScope) throws -> RuntimeValue {
        switch expression {
        case .not(let operand): return try .bool(!evaluate(operand, scope).isTrue)
        case .and(let left, let right):
            let first = try evaluate(left, scope)
            return first.isTrue ? try evaluate(right, scope) : first
        case .or(let left, let right):
            let first = try evaluate(left, scope)
            return first.isTrue ? first : try evaluate(right, scope)
        case .conditional(let condition, let then, let otherwise):
            if try evaluate(condition, scope).isTrue { return try evaluate(then, scope) }
            guard let otherwise else { return .undefined("the inline condition is false and has no 'else'") }
            return try evaluate(otherwise, scope)
        case .concatenation(let parts): return try concatenate(parts, scope)
        case .comparison(let first, let rest): return try compare(first, rest, scope)
        case .arithmetic(let left, let operation, let right):
            return try operation.apply(evaluate(left, scope), evaluate(right, scope), budget)
        case .negative(let operand):
            let value = try evaluate(operand, scope)
            if case .number(let number) = value { return .number(-number) }
            return try ArithmeticOperator.subtract.apply(.integer(0), value, budget)
        case .positive(let operand):
            return try ArithmeticOperator.add.apply(.integer(0), evaluate(operand, scope), budget)
        default: throw ChatTemplateError.template("this kind of expression cannot be evaluated")
        }
    }

    private func evaluate(_ expressions: [TemplateExpression], _ scope: TemplateScope) throws -> [RuntimeValue] {
        expressions.isEmpty ? [] : try expressions.map { try evaluate($0, scope) }
    }

    func evaluate(_ arguments: TemplateArguments, _ scope: TemplateScope) throws -> RuntimeArguments {
        var values = try RuntimeArguments(
            positional: evaluate(arguments.positional, scope),
            named: arguments.named.map { try ($0.name, evaluate($0.value, scope)) })
        if let spread = arguments.spread {
            let items = try evaluate(spread, scope).items()
            try budget.charge(items: items.count)
            values.positional += items
        }
        if let spread = arguments.namedSpread {
            guard case .mapping(let mapping) = try evaluate(spread, scope) else {
                throw ChatTemplateError.template("'**' needs a mapping")
            }
            for (key, value) in mapping.members {
                let name = try key.string(for: "**").text
                try budget.charge(items: values.named.count)
                guard !values.named.contains(where: { $0.name == name }) else {
                    throw ChatTemplateError.template("the argument '\(name)' is given twice")
                }
                values.named.append((name, value))
            }
        }
        return values
    }

    private func mapping(
        _ members: [(key: TemplateExpression, value: TemplateExpression)], _ scope: TemplateScope
    ) throws -> RuntimeValue {
        try .mapping(
            RuntimeMapping(members: members.map { try (evaluate($0.key, scope), evaluate($0.value, scope)) }))
    }

    private func concatenate(_ parts: [TemplateExpression], _ scope: TemplateScope) throws -> RuntimeValue {
        var result = TemplateString()
        for part in parts {
            try result.append(evaluate(part, scope).asText())
            try budget.charge(characters: result.count)
        }
        return .string(result)
    }

    private func compare(
        _ first: TemplateExpression, _ rest: [(operation: ComparisonOperator, operand: TemplateExpression)],
        _ scope: TemplateScope
    ) throws -> RuntimeValue {
        var left = try evaluate(first, scope)
        for (operation, operand) in rest {
            let right = try evaluate(operand, scope)
            guard try operation.apply(left, right, budget) else { return .bool(false) }
            left = right
        }
        return .bool(true)
    }

    private func slice(
        of value: RuntimeValue, _ bounds: [TemplateExpression?], _ scope: TemplateScope
    ) throws -> RuntimeValue {
        let numbers = try bounds.map { bound -> Int? in
            guard let bound, let value = try evaluate(bound, scope).ifNotNone else { return nil }
            return try value.integer(for: "slice")
        }
        return try value.slice(from: numbers[0], to: numbers[1], by: numbers[2], budget)
    }
}
