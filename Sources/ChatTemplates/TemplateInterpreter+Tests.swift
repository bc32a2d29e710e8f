extension TemplateInterpreter {
    /// Applies a test, as in `value is name(arguments)`.
    func apply(test name: String, to value: RuntimeValue, _ arguments: RuntimeArguments) throws -> Bool {
        if let operation = Self.comparisons[name] {
            guard let other = try arguments.bind(["other"], required: 1, function: name)[0] else { return false }
            return try compare(value, operation, other)
        }
        if name == "divisibleby" || name == "sameas" {
            guard let other = try arguments.bind(["other"], required: 1, function: name)[0] else { return false }
            return try name == "sameas" ? value.isSame(as: other) : isDivisible(value, by: other)
        }
        _ = try arguments.bind([], function: name)
        return try applyPlain(name, to: value)
    }

    private static let comparisons: [String: ComparisonOperator] = [
        "==": .equal, "eq": .equal, "equalto": .equal, "!=": .notEqual, "ne": .notEqual,
        "<": .less, "lt": .less, "lessthan": .less, "<=": .lessOrEqual, "le": .lessOrEqual,
        ">": .greater, "gt": .greater, "greaterthan": .greater, ">=": .greaterOrEqual, "ge": .greaterOrEqual,
        "in": .isIn,
    ]

    private static let plainTests: Set<String> = [
        "defined", "undefined", "odd", "even", "lower", "upper", "escaped", "filter", "test", "none", "string",
        "mapping",
        "boolean", "number", "integer", "float", "true", "false", "sequence", "callable", "iterable", "divisibleby",
        "sameas",
    ]

    static func hasTest(_ name: String) -> Bool { comparisons[name] != nil || plainTests.contains(name) }

    private func isDivisible(_ value: RuntimeValue, by other: RuntimeValue) throws -> Bool {
        try calculate(value, .modulo, other).isEqual(to: .integer(0))
    }

    private func applyPlain(_ name: String, to value: RuntimeValue) throws -> Bool {
        switch name {
        case "defined": return !value.isUndefined
        case "undefined": return value.isUndefined
        case "odd": return try !isDivisible(value, by: .integer(2))
        case "even": return try isDivisible(value, by: .integer(2))
        case "lower": return try value.asText().isLowercase
        case "upper": return try value.asText().isUppercase
        case "escaped":
            guard case .string(let string) = value else { return false }
            return string.isMarkup
        case "filter", "test":
            let given = try value.string(for: name).text
            return name == "filter" ? Self.hasFilter(given) : Self.hasTest(given)
        default:
            guard let isOfKind = value.isOfKind(name) else {
                throw ChatTemplateError.template("there is no test '\(name)', or it is not supported")
            }
            return isOfKind
        }
    }
}

extension RuntimeValue {
    /// Whether the value is of the kind that a test names; nil if no test has this name.
    fileprivate func isOfKind(_ name: String) -> Bool? {
        switch (name, self) {
        case ("none", .none), ("string", .string), ("mapping", .mapping), ("boolean", .bool),
            ("number", .bool), ("number", .integer), ("number", .number), ("integer", .integer), ("float", .number),
            ("true", .bool(true)), ("false", .bool(false)):
            return true
        case ("none", _), ("string", _), ("mapping", _), ("boolean", _), ("number", _), ("integer", _), ("float", _),
            ("true", _), ("false", _):
            return false
        case ("sequence", .undefined), ("sequence", .string), ("sequence", .list), ("sequence", .tuple),
            ("sequence", .range), ("sequence", .mapping), ("callable", .undefined), ("callable", .macro),
            ("callable", .function), ("callable", .method):
            return true
        case ("sequence", _), ("callable", _):
            return false
        case ("iterable", _):
            if case .generator = self { return true }
            if case .loop = self { return true }
            return length != nil
        default: return nil
        }
    }

    /// Identity, as far as values have one: constants and shared objects.
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
