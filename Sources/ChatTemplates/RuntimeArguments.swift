/// The arguments of a call.
struct RuntimeArguments {
    var positional: [RuntimeValue] = []
    var named: [(name: String, value: RuntimeValue)] = []

    /// The value for each parameter; nil for those not given.
    /// - Throws: for too many arguments, unknown names, and parameters given twice or missing.
    func bind(_ parameters: [String], required: Int = 0, function: String) throws -> [RuntimeValue?] {
        guard positional.count <= parameters.count else {
            throw ChatTemplateError.template(
                "'\(function)' takes at most \(parameters.count) arguments, \(positional.count) were given")
        }
        var values = [RuntimeValue?](repeating: nil, count: parameters.count)
        for (index, value) in positional.enumerated() { values[index] = value }
        for (name, value) in named {
            guard let index = parameters.firstIndex(of: name) else {
                throw ChatTemplateError.template("'\(function)' takes no argument '\(name)'")
            }
            guard values[index] == nil else {
                throw ChatTemplateError.template("'\(function)' is given '\(name)' twice")
            }
            values[index] = value
        }
        if let missing = values.prefix(required).firstIndex(where: { $0 == nil }) {
            throw ChatTemplateError.template("'\(function)' needs the argument '\(parameters[missing])'")
        }
        return values
    }

    /// Without the first positional argument.
    func dropFirst() -> RuntimeArguments {
        RuntimeArguments(positional: Array(positional.dropFirst()), named: named)
    }
}

extension RuntimeValue {
    /// The value as a string argument.
    func string(for function: String) throws -> TemplateString {
        guard case .string(let string) = self else {
            throw ChatTemplateError.template("'\(function)' needs a string, not \(kind)")
        }
        return string
    }

    /// The value as an integer argument.
    func integer(for function: String) throws -> Int {
        guard let value = asInteger else {
            throw ChatTemplateError.template("'\(function)' needs an integer, not \(kind)")
        }
        return value
    }

    /// Nil for none.
    var ifNotNone: RuntimeValue? {
        if case .none = self { return nil }
        return self
    }
}
