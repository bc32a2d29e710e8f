/// A value while a template runs.
enum RuntimeValue {
    /// What is missing, for messages: "'name' is undefined".
    case undefined(String)
    case none
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(TemplateString)
    case list(RuntimeList)
    case tuple(RuntimeList)
    /// A mapping's items, keys or values.
    case view(RuntimeList)
    case range(RuntimeList)
    case mapping(RuntimeMapping)
    /// Items that can be read once, as Python's generators can.
    case generator(RuntimeGenerator)
    case namespace(RuntimeNamespace)
    case loop(LoopState)
    case macro(RuntimeMacro)
    case function(RuntimeFunction)
    case method(RuntimeMethod)

    /// The name of the kind in messages.
    var kind: String {
        switch self {
        case .undefined: "an undefined value"
        case .none: "none"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .number: "a number"
        case .string: "a string"
        case .list: "a list"
        case .tuple: "a tuple"
        case .view: "a mapping's view"
        case .range: "a range"
        case .mapping: "a mapping"
        case .generator: "a generator"
        case .namespace: "a namespace"
        case .loop: "a loop"
        case .macro: "a macro"
        case .function, .method: "a function"
        }
    }

    /// How deep values nest within this one.
    var depth: Int {
        switch self {
        case .list(let list), .tuple(let list), .view(let list), .range(let list): list.extent.depth
        case .mapping(let mapping): mapping.extent.depth
        case .generator(let generator): generator.extent.depth
        case .loop(let loop): loop.depth
        case .method(let method): method.receiver.depth + 1
        default: 0
        }
    }

    /// The values within this one, itself included; 16 characters of a string count as one more.
    var size: Int {
        switch self {
        case .string(let string): 1 + string.count / 16
        case .list(let list), .tuple(let list), .view(let list), .range(let list): list.extent.size
        case .mapping(let mapping): mapping.extent.size
        case .generator(let generator): generator.extent.size
        case .method(let method): method.receiver.size
        default: 1
        }
    }

    /// A string that the template, not a request, wrote.
    static func template(_ text: String) -> RuntimeValue { .string(TemplateString(template: text)) }

    static func list(_ items: [RuntimeValue]) throws -> RuntimeValue { try .list(RuntimeList(items)) }
    static func tuple(_ items: [RuntimeValue]) throws -> RuntimeValue { try .tuple(RuntimeList(items)) }
    static func generator(_ items: [RuntimeValue]) throws -> RuntimeValue { try .generator(RuntimeGenerator(items)) }

    /// Whether the value counts as true.
    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .number(let value): value != 0
        case .string(let string): !string.isEmpty
        case .list(let list), .tuple(let list), .view(let list), .range(let list): !list.items.isEmpty
        case .mapping(let mapping): !mapping.keys.isEmpty
        case .loop, .generator, .namespace, .macro, .function, .method: true
        }
    }

    var isUndefined: Bool {
        if case .undefined = self { return true }
        return false
    }

    /// The value as an integer, as Python's arithmetic sees it: true is 1.
    var asInteger: Int? {
        switch self {
        case .integer(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    var asNumber: Double? {
        if case .number(let value) = self { return value }
        return asInteger.map(Double.init)
    }
}
