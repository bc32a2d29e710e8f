/// A method of a value, not called yet.
final class RuntimeMethod {
    let receiver: RuntimeValue
    private let name: String
    private let function: (TemplateCall) throws -> RuntimeValue

    fileprivate init(
        _ name: String, of receiver: RuntimeValue, _ function: @escaping (TemplateCall) throws -> RuntimeValue
    ) {
        self.receiver = receiver
        self.name = name
        self.function = function
    }

    func call(_ arguments: RuntimeArguments, _ budget: TemplateBudget) throws -> RuntimeValue {
        try function(TemplateCall(name: name, arguments: arguments, budget: budget))
    }
}

/// A method: a function of the value that it is called on, its receiver, and of the call.
typealias TemplateMethodFunction<Receiver> = @Sendable (Receiver, TemplateCall) throws -> RuntimeValue

/// The methods by the kind of their receiver and by name; the methods of strings are in a file of their own.
///
/// Methods that change their receiver hide a mapping's members of these names, and calling them is refused.
enum TemplateMethods {
    /// A method of a value; nil if the value has none of this name.
    static func method(_ name: String, of value: RuntimeValue) -> RuntimeMethod? {
        switch value {
        case .string(let string):
            return ofStrings[name].map { function in
                RuntimeMethod(name, of: value) { call in
                    try call.budget.charge(characters: string.count)
                    return try function(string, call)
                }
            }
        case .mapping(let mapping):
            return ofMappings[name].map { function in
                RuntimeMethod(name, of: value) { call in
                    try call.budget.charge(items: mapping.keys.count)
                    return try function(mapping, call)
                }
            }
        case .list(let list), .tuple(let list), .range(let list):
            let isList = if case .list = value { true } else { false }
            return (isList ? ofLists : ofTuples)[name].map { function in
                RuntimeMethod(name, of: value) { call in
                    try call.budget.charge(work: list.extent.size)
                    try call.budget.charge(items: list.items.count)
                    return try function((value, list), call)
                }
            }
        case .loop(let loop):
            return ofLoops[name].map { function in
                RuntimeMethod(name, of: value) { call in try function(loop, call) }
            }
        default: return nil
        }
    }

    // MARK: - Mappings

    private static let ofMappings: [String: TemplateMethodFunction<RuntimeMapping>] = [
        "get": { mapping, call in
            let given = try call.bind(["key", "default"], required: 1)
            return try given[0].flatMap { try mapping.member($0) } ?? given[1] ?? .none
        },
        "items": plain { try .view(RuntimeList($0.pairs())) },
        "keys": plain { try .view(RuntimeList($0.keys)) },
        "values": plain { try .view(RuntimeList($0.values)) },
        "copy": plain { .mapping($0) },
        "clear": changing, "pop": changing, "popitem": changing, "setdefault": changing, "update": changing,
    ]

    private static func plain(
        _ method: @escaping @Sendable (RuntimeMapping) throws -> RuntimeValue
    ) -> TemplateMethodFunction<RuntimeMapping> {
        { mapping, call in
            try call.refuseArguments()
            return try method(mapping)
        }
    }

    @Sendable private static func changing(_ mapping: RuntimeMapping, _ call: TemplateCall) throws -> RuntimeValue {
        try call.refuseArguments()
        throw refusal(to: call.name, .mapping(mapping))
    }

    private static func refusal(to change: String, _ value: RuntimeValue) -> ChatTemplateError {
        .template("'\(change)' would change \(value.kind), which templates cannot")
    }

    // MARK: - Lists, tuples and ranges

    private typealias Items = (value: RuntimeValue, list: RuntimeList)

    private static let ofTuples: [String: TemplateMethodFunction<Items>] = ["count": count, "index": index]

    private static let ofLists: [String: TemplateMethodFunction<Items>] = [
        "count": count, "index": index,
        "copy": { items, call in
            try call.refuseArguments()
            return items.value
        },
        "append": changing, "extend": changing, "insert": changing, "remove": changing, "sort": changing,
        "reverse": changing, "clear": changing, "pop": changing,
    ]

    @Sendable private static func count(_ items: Items, _ call: TemplateCall) throws -> RuntimeValue {
        guard let wanted = try call.bind(["value"], required: 1)[0] else { return .none }
        return .integer(items.list.items.count { $0.isEqual(to: wanted) })
    }

    @Sendable private static func index(_ items: Items, _ call: TemplateCall) throws -> RuntimeValue {
        guard let wanted = try call.bind(["value"], required: 1)[0] else { return .none }
        guard let place = items.list.items.firstIndex(where: { $0.isEqual(to: wanted) }) else {
            throw ChatTemplateError.template("'index': the value is not in \(items.value.kind)")
        }
        return .integer(place)
    }

    @Sendable private static func changing(_ items: Items, _ call: TemplateCall) throws -> RuntimeValue {
        throw refusal(to: call.name, items.value)
    }

    // MARK: - Loops

    private static let ofLoops: [String: TemplateMethodFunction<LoopState>] = [
        "cycle": { loop, call in try loop.cycle(call.arguments.positional) },
        "changed": { loop, call in try .bool(loop.changed(call.arguments.positional)) },
    ]
}
