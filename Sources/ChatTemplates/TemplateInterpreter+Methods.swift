extension TemplateInterpreter {
    /// Calls a method of a value.
    func call(_ method: RuntimeMethod, _ arguments: RuntimeArguments) throws -> RuntimeValue {
        switch method.receiver {
        case .string(let string):
            try charge(characters: string.count)
            return try callString(method.name, string, arguments)
        case .mapping(let mapping): return try callMapping(method.name, mapping, arguments)
        case .list(let list), .tuple(let list), .range(let list):
            try charge(work: list.extent.size)
            return try callList(method.name, method.receiver, list, arguments)
        case .loop(let loop):
            return method.name == "cycle"
                ? try loop.cycle(arguments.positional) : try .bool(loop.changed(arguments.positional))
        default: throw Self.noMethod(method.name, method.receiver)
        }
    }

    static func noMethod(_ name: String, _ value: RuntimeValue) -> ChatTemplateError {
        if RuntimeMethod.mutating.contains(name) {
            return .template("'\(name)' would change \(value.kind), which templates cannot")
        }
        return .template("\(value.kind) has no method '\(name)'")
    }

    private func callMapping(
        _ name: String, _ mapping: RuntimeMapping, _ arguments: RuntimeArguments
    ) throws -> RuntimeValue {
        try charge(items: mapping.keys.count)
        if name == "get" {
            let given = try arguments.bind(["key", "default"], required: 1, function: name)
            return try given[0].flatMap { try mapping.member($0) } ?? given[1] ?? .none
        }
        _ = try arguments.bind([], function: name)
        switch name {
        case "items": return try .view(RuntimeList(mapping.pairs()))
        case "keys": return try .view(RuntimeList(mapping.keys))
        case "values": return try .view(RuntimeList(mapping.values))
        case "copy": return .mapping(mapping)
        default: throw Self.noMethod(name, .mapping(mapping))
        }
    }

    private func callList(
        _ name: String, _ receiver: RuntimeValue, _ list: RuntimeList, _ arguments: RuntimeArguments
    ) throws -> RuntimeValue {
        try charge(items: list.items.count)
        switch name {
        case "copy":
            _ = try arguments.bind([], function: name)
            return receiver
        case "index", "count":
            guard let wanted = try arguments.bind(["value"], required: 1, function: name)[0] else { return .none }
            if name == "count" { return .integer(list.items.count { $0.isEqual(to: wanted) }) }
            guard let place = list.items.firstIndex(where: { $0.isEqual(to: wanted) }) else {
                throw ChatTemplateError.template("'index': the value is not in \(receiver.kind)")
            }
            return .integer(place)
        default: throw Self.noMethod(name, receiver)
        }
    }
}
