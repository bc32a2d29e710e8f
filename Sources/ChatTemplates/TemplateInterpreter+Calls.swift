extension TemplateInterpreter {
    /// `callee(arguments)`.
    func call(_ callee: RuntimeValue, _ arguments: RuntimeArguments) throws -> RuntimeValue {
        switch callee {
        case .macro(let macro): return try call(macro, arguments)
        case .function(let function): return try call(function, arguments)
        case .method(let method): return try call(method, arguments)
        case .loop(let loop): return try call(loop, arguments)
        case .undefined(let message): throw ChatTemplateError.template(message)
        default: throw ChatTemplateError.template("\(callee.kind) cannot be called")
        }
    }

    private func call(_ function: RuntimeFunction, _ arguments: RuntimeArguments) throws -> RuntimeValue {
        let name = function.rawValue
        switch function {
        case .range: return try range(arguments)
        case .dict: return try .mapping(RuntimeMapping(members: members(arguments, function: name)))
        case .namespace:
            let namespace = newNamespace()
            for (key, value) in try members(arguments, function: name) {
                guard case .string(let key) = key else { continue }
                namespace.attributes[key.text] = value
            }
            return .namespace(namespace)
        case .raiseException:
            let message = try arguments.bind(["message"], required: 1, function: name)[0]
            throw ChatTemplateError(.refusal, try message?.asText().text ?? "")
        case .strftimeNow:
            let format = try arguments.bind(["format"], required: 1, function: name)[0]?.string(for: name)
            guard let now, now.isValid else { throw ChatTemplateError.template("'\(name)': no valid time is given") }
            guard let format, let text = now.formatted(format.text) else {
                throw ChatTemplateError.template("'\(name)': the format has a directive that is not supported")
            }
            return .string(TemplateString(template: text).marked(asUserText: format.hasUserText))
        }
    }

    /// The members that `dict(...)` and `namespace(...)` are made of: a mapping or pairs, and named arguments.
    private func members(
        _ arguments: RuntimeArguments, function: String
    ) throws -> [(RuntimeValue, RuntimeValue)] {
        guard arguments.positional.count <= 1 else {
            throw ChatTemplateError.template(
                "'\(function)' takes at most 1 positional argument, \(arguments.positional.count) were given")
        }
        var members: [(RuntimeValue, RuntimeValue)] = []
        if case .mapping(let mapping)? = arguments.positional.first {
            members = mapping.members
        } else if let pairs = arguments.positional.first {
            members = try pairs.items().map { pair in
                let parts = try pair.items()
                guard parts.count == 2 else {
                    throw ChatTemplateError.template("'\(function)' needs pairs of a key and a value")
                }
                return (parts[0], parts[1])
            }
        }
        members += arguments.named.map { (.template($0.name), $0.value) }
        try charge(items: members.count)
        return members
    }

    private func range(_ arguments: RuntimeArguments) throws -> RuntimeValue {
        let numbers = try arguments.positional.map { try $0.integer(for: "range") }
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
        try charge(items: items.count)
        return try .range(RuntimeList(items))
    }
}
