/// A call of a filter, test, method or function by its name.
///
/// The tables `TemplateFilters`, `TemplateTests` and `TemplateMethods` have a function for each name, which gets the
/// value before the name and the call, and returns a value.
struct TemplateCall {
    /// The name in messages.
    let name: String
    let arguments: RuntimeArguments
    /// The budget that the function charges its work to.
    let budget: TemplateBudget

    /// The value for each parameter; nil if a parameter is not given.
    /// - Throws: for too many arguments, unknown names, and parameters given twice or missing.
    func bind(_ parameters: [String], required: Int = 0) throws -> [RuntimeValue?] {
        try arguments.bind(parameters, required: required, function: name)
    }

    func refuseArguments() throws { _ = try bind([]) }
}

/// The arguments of a call.
struct RuntimeArguments {
    var positional: [RuntimeValue] = []
    var named: [(name: String, value: RuntimeValue)] = []

    /// The value for each parameter of a function; nil if a parameter is not given.
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

    /// The arguments without the first positional one.
    func dropFirst() -> RuntimeArguments {
        RuntimeArguments(positional: Array(positional.dropFirst()), named: named)
    }
}
