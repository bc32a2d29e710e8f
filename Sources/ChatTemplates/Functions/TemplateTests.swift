/// A test: whether it holds for the value on its left, in this call.
typealias TemplateTestFunction = @Sendable (RuntimeValue, TemplateCall) throws -> Bool

/// The tests by name, as in `value is name(arguments)`.
enum TemplateTests {
    static func has(_ name: String) -> Bool { all[name] != nil }

    /// Applies a test.
    static func apply(
        _ name: String, to value: RuntimeValue, _ arguments: RuntimeArguments, _ budget: TemplateBudget
    ) throws -> Bool {
        let call = TemplateCall(name: name, arguments: arguments, budget: budget)
        guard let test = all[name] else {
            try call.refuseArguments()
            throw ChatTemplateError.template("there is no test '\(name)', or it is not supported")
        }
        return try test(value, call)
    }

    private static let all: [String: TemplateTestFunction] = [
        "==": comparison(.equal), "eq": comparison(.equal), "equalto": comparison(.equal),
        "!=": comparison(.notEqual), "ne": comparison(.notEqual),
        "<": comparison(.less), "lt": comparison(.less), "lessthan": comparison(.less),
        "<=": comparison(.lessOrEqual), "le": comparison(.lessOrEqual),
        ">": comparison(.greater), "gt": comparison(.greater), "greaterthan": comparison(.greater),
        ">=": comparison(.greaterOrEqual), "ge": comparison(.greaterOrEqual),
        "in": comparison(.isIn),
        "sameas": withOther { value, other, _ in value.isSame(as: other) },
        "divisibleby": withOther(isDivisible),
        "odd": plain { value, call in try !isDivisible(value, by: .integer(2), call.budget) },
        "even": plain { value, call in try isDivisible(value, by: .integer(2), call.budget) },
        "defined": plain { value, _ in !value.isUndefined },
        "undefined": plain { value, _ in value.isUndefined },
        "lower": plain { value, _ in try value.asText().isLowercase },
        "upper": plain { value, _ in try value.asText().isUppercase },
        "filter": plain { value, call in try TemplateFilters.has(value.string(for: call.name).text) },
        "test": plain { value, call in try has(value.string(for: call.name).text) },
        "escaped": plain { value, _ in
            if case .string(let string) = value { string.isMarkup } else { false }
        },
        "none": plain { value, _ in if case .none = value { true } else { false } },
        "string": plain { value, _ in if case .string = value { true } else { false } },
        "mapping": plain { value, _ in if case .mapping = value { true } else { false } },
        "boolean": plain { value, _ in if case .bool = value { true } else { false } },
        "true": plain { value, _ in if case .bool(true) = value { true } else { false } },
        "false": plain { value, _ in if case .bool(false) = value { true } else { false } },
        "integer": plain { value, _ in if case .integer = value { true } else { false } },
        "float": plain { value, _ in if case .number = value { true } else { false } },
        "number": plain { value, _ in value.asNumber != nil },
        "sequence": plain { value, _ in
            switch value {
            case .undefined, .string, .list, .tuple, .range, .mapping: true
            default: false
            }
        },
        "callable": plain { value, _ in
            switch value {
            case .undefined, .macro, .function, .method: true
            default: false
            }
        },
        "iterable": plain { value, _ in
            switch value {
            case .generator, .loop: true
            default: value.length != nil
            }
        },
    ]

    // MARK: - Shapes of tests

    /// A test without arguments.
    private static func plain(_ test: @escaping TemplateTestFunction) -> TemplateTestFunction {
        { value, call in
            try call.refuseArguments()
            return try test(value, call)
        }
    }

    /// A test against another value.
    private static func withOther(
        _ test: @escaping @Sendable (RuntimeValue, RuntimeValue, TemplateBudget) throws -> Bool
    ) -> TemplateTestFunction {
        { value, call in
            guard let other = try call.bind(["other"], required: 1)[0] else { return false }
            return try test(value, other, call.budget)
        }
    }

    private static func comparison(_ operation: ComparisonOperator) -> TemplateTestFunction {
        withOther { value, other, budget in try operation.apply(value, other, budget) }
    }

    @Sendable private static func isDivisible(
        _ value: RuntimeValue, by other: RuntimeValue, _ budget: TemplateBudget
    ) throws -> Bool {
        try ArithmeticOperator.modulo.apply(value, other, budget).isEqual(to: .integer(0))
    }
}

extension RuntimeValue {
    /// Whether two values are identical: the same constant, or the same shared object.
    fileprivate func isSame(as other: RuntimeValue) -> Bool {
        switch (self, other) {
        case (.none, .none): true
        case (.bool(let a), .bool(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)): a === b
        case (.mapping(let a), .mapping(let b)): a === b
        case (.namespace(let a), .namespace(let b)): a === b
        case (.string(let a), .string(let b)): a.scalars == b.scalars
        default: false
        }
    }
}
