extension TemplateInterpreter {
    /// Calls a macro: its text.
    func call(_ macro: RuntimeMacro, _ arguments: RuntimeArguments) throws -> RuntimeValue {
        let syntax = macro.syntax
        let scope = TemplateScope(parent: macro.scope)
        let arguments = try takeExtras(of: syntax, arguments, into: scope)
        let given = try arguments.bind(syntax.parameters.map(\.name), function: syntax.name)
        for (parameter, value) in zip(syntax.parameters, given) {
            if let value {
                scope.variables[parameter.name] = value
            } else if let defaultValue = parameter.defaultValue {
                scope.variables[parameter.name] = try evaluate(defaultValue, scope)
            } else {
                scope.variables[parameter.name] = .undefined("parameter '\(parameter.name)' was not provided")
            }
        }
        let callerLine = line
        var captured = TemplateOutput(limit: limits.outputBytes)
        _ = try execute(syntax.body, scope, into: &captured)
        line = callerLine
        return .string(captured.string)
    }

    /// Sets `caller`, `varargs` and `kwargs` to what no parameter takes, as far as the macro speaks of them.
    /// - Returns: the arguments for the parameters.
    private func takeExtras(
        of syntax: TemplateMacro, _ arguments: RuntimeArguments, into scope: TemplateScope
    ) throws -> RuntimeArguments {
        guard !syntax.extras.isEmpty else { return arguments }
        var rest = arguments
        let names = syntax.parameters.map(\.name)
        if syntax.extras.contains("caller"), !names.contains("caller") {
            let place = rest.named.firstIndex { $0.name == "caller" }
            scope.variables["caller"] =
                place.map { rest.named.remove(at: $0).value } ?? .undefined("there is no caller")
        }
        if syntax.extras.contains("varargs"), !names.contains("varargs") {
            scope.variables["varargs"] = try .tuple(Array(rest.positional.dropFirst(names.count)))
            rest.positional = Array(rest.positional.prefix(names.count))
        }
        if syntax.extras.contains("kwargs"), !names.contains("kwargs") {
            let others = rest.named.filter { !names.contains($0.name) }
            scope.variables["kwargs"] = try .mapping(
                RuntimeMapping(others.map { (TemplateString(template: $0.name), $0.value) }))
            rest.named.removeAll { !names.contains($0.name) }
        }
        return rest
    }
}
