/// A value of a running template.
enum RuntimeValue {
    /// An undefined value, with the text for messages: "'name' is undefined".
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
    /// Items that can be read once, like those of Python's generators.
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

    /// The number of values within this value, itself included; every 16 characters of a string count as one more.
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

    /// A string from the template, not from a request.
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

    /// The value as an integer, as in Python's arithmetic: true is 1.
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

extension RuntimeValue {
    /// Equality as in Python: numbers by value, containers item by item.
    func isEqual(to other: RuntimeValue) -> Bool {
        switch (self, other) {
        case (.undefined, .undefined), (.none, .none): return true
        case (.string(let a), .string(let b)): return a.scalars == b.scalars
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)), (.range(let a), .range(let b)):
            return a === b || a.items.count == b.items.count && zip(a.items, b.items).allSatisfy { $0.isEqual(to: $1) }
        case (.mapping(let a), .mapping(let b)):
            return a.isEqual(to: b)
        case (.namespace(let a), .namespace(let b)): return a === b
        case (.loop(let a), .loop(let b)): return a === b
        case (.macro(let a), .macro(let b)): return a === b
        case (.generator(let a), .generator(let b)): return a === b
        case (.view(let a), .view(let b)): return a === b
        case (.function(let a), .function(let b)): return a == b
        default:
            if let a = asInteger, let b = other.asInteger { return a == b }
            if let a = asNumber, let b = other.asNumber { return a == b }
            return false
        }
    }

    /// Order as in Python.
    /// - Throws: for values that have no order.
    func isLess(than other: RuntimeValue) throws -> Bool {
        switch (self, other) {
        case (.string(let a), .string(let b)):
            return a.scalars.lexicographicallyPrecedes(b.scalars)
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)):
            for (left, right) in zip(a.items, b.items) where !left.isEqual(to: right) {
                return try left.isLess(than: right)
            }
            return a.items.count < b.items.count
        default:
            if let a = asInteger, let b = other.asInteger { return a < b }
            if let a = asNumber, let b = other.asNumber { return a < b }
            throw ChatTemplateError.template("\(kind) and \(other.kind) have no order")
        }
    }

    /// Whether `item in self`.
    func contains(_ item: RuntimeValue) throws -> Bool {
        switch self {
        case .string(let string):
            guard case .string(let part) = item else {
                throw ChatTemplateError.template("a string can contain only strings, not \(item.kind)")
            }
            return string.firstIndex(of: part) != nil
        case .mapping(let mapping):
            return try mapping.member(item) != nil
        case .generator(let generator):
            while let candidate = generator.next() {
                if candidate.isEqual(to: item) { return true }
            }
            return false
        default:
            return try items().contains { $0.isEqual(to: item) }
        }
    }

    /// The items of a loop over the value. A generator is empty afterwards.
    /// - Throws: for values that have no items.
    func items() throws -> [RuntimeValue] {
        switch self {
        case .undefined: return []
        case .string(let string): return (0..<string.count).map { .string(string[$0..<$0 + 1].withoutMarkup) }
        case .list(let list), .tuple(let list), .view(let list), .range(let list): return list.items
        case .mapping(let mapping): return mapping.keys
        case .generator(let generator): return generator.takeAll()
        default: throw ChatTemplateError.template("\(kind) has no items")
        }
    }

    /// The number of items; nil for values that have none.
    var length: Int? {
        switch self {
        case .undefined: 0
        case .string(let string): string.count
        case .list(let list), .tuple(let list), .view(let list), .range(let list): list.items.count
        case .mapping(let mapping): mapping.keys.count
        default: nil
        }
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

    /// The value, or nil if it is none.
    var ifNotNone: RuntimeValue? {
        if case .none = self { return nil }
        return self
    }
}
