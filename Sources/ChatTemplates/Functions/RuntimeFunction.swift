/// The functions that every template sees.
enum RuntimeFunction: String, CaseIterable {
    case range, dict, namespace
    case raiseException = "raise_exception"
    case strftimeNow = "strftime_now"

    /// Calls the function.
    /// - Parameters:
    ///   - newNamespace: makes a namespace that the interpreter empties at the end.
    ///   - now: the time that `strftime_now` returns.
    func call(
        _ arguments: RuntimeArguments, _ budget: TemplateBudget, now: TemplateDate?,
        newNamespace: () -> RuntimeNamespace
    ) throws -> RuntimeValue {
        let call = TemplateCall(name: rawValue, arguments: arguments, budget: budget)
        switch self {
        case .range: return try Self.range(call)
        case .dict: return try .mapping(RuntimeMapping(members: Self.members(call)))
        case .namespace:
            let namespace = newNamespace()
            for (key, value) in try Self.members(call) {
                guard case .string(let key) = key else { continue }
                namespace.attributes[key.text] = value
            }
            return .namespace(namespace)
        case .raiseException:
            let message = try call.bind(["message"], required: 1)[0]
            throw ChatTemplateError(.refusal, try message?.asText().text ?? "")
        case .strftimeNow:
            let format = try call.bind(["format"], required: 1)[0]?.string(for: call.name)
            guard let now, now.isValid else {
                throw ChatTemplateError.template("'\(call.name)': no valid time is given")
            }
            guard let format, let text = now.formatted(format.text) else {
                throw ChatTemplateError.template("'\(call.name)': the format has a directive that is not supported")
            }
            return .string(TemplateString(template: text).marked(asUserText: format.hasUserText))
        }
    }

    /// The members that `dict(...)` and `namespace(...)` are made from: a mapping or pairs, and named arguments.
    private static func members(_ call: TemplateCall) throws -> [(RuntimeValue, RuntimeValue)] {
        let arguments = call.arguments
        guard arguments.positional.count <= 1 else {
            throw ChatTemplateError.template(
                "'\(call.name)' takes at most 1 positional argument, \(arguments.positional.count) were given")
        }
        var members: [(RuntimeValue, RuntimeValue)] = []
        if case .mapping(let mapping)? = arguments.positional.first {
            members = mapping.members
        } else if let pairs = arguments.positional.first {
            members = try pairs.items().map { pair in
                let parts = try pair.items()
                guard parts.count == 2 else {
                    throw ChatTemplateError.template("'\(call.name)' needs pairs of a key and a value")
                }
                return (parts[0], parts[1])
            }
        }
        members += arguments.named.map { (.template($0.name), $0.value) }
        try call.budget.charge(items: members.count)
        return members
    }

    private static func range(_ call: TemplateCall) throws -> RuntimeValue {
        let arguments = call.arguments
        let numbers = try arguments.positional.map { try $0.integer(for: call.name) }
        guard arguments.named.isEmpty, (1...3).contains(numbers.count) else {
            throw ChatTemplateError.template("'range' takes 1 to 3 integers")
        }
        let start = numbers.count == 1 ? 0 : numbers[0]
        let stop = numbers.count == 1 ? numbers[0] : numbers[1]
        let step = numbers.count == 3 ? numbers[2] : 1
        guard step != 0 else { throw ChatTemplateError.template("'range' needs a step other than 0") }
        var items: [RuntimeValue] = []
        var next = start
        while step > 0 ? next < stop : next > stop {
            guard items.count < TemplateLimits.rangeLength else {
                throw ChatTemplateError.limit("a range of more than \(TemplateLimits.rangeLength) items")
            }
            items.append(.integer(next))
            let (sum, overflow) = next.addingReportingOverflow(step)
            if overflow { break }
            next = sum
        }
        try call.budget.charge(items: items.count)
        return try .range(RuntimeList(items))
    }
}
