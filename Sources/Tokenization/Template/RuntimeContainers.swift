/// The depth of a container of values, refused beyond the limit: comparing, printing and freeing it recurse.
private func depth(around children: some Sequence<RuntimeValue>) throws -> Int {
    var depth = 1
    for child in children { depth = max(depth, child.depth + 1) }
    guard depth <= TemplateLimits.valueDepth else {
        throw TokenizationError.limit("values nest deeper than \(TemplateLimits.valueDepth) levels")
    }
    return depth
}

/// A list, tuple or view. Templates cannot change it.
final class RuntimeList {
    let items: [RuntimeValue]
    let depth: Int

    init(_ items: [RuntimeValue]) throws {
        self.items = items
        depth = try Tokenization.depth(around: items)
    }
}

/// A mapping from strings that keeps its order. Templates cannot change it.
final class RuntimeMapping {
    let keys: [TemplateString]
    let values: [RuntimeValue]
    let depth: Int
    private let places: [[Unicode.Scalar]: Int]

    /// Of two members with one key, the later value counts, at the earlier place.
    init(_ members: [(TemplateString, RuntimeValue)]) throws {
        var keys: [TemplateString] = []
        var values: [RuntimeValue] = []
        var places: [[Unicode.Scalar]: Int] = [:]
        for (key, value) in members {
            if let place = places[key.scalars] {
                values[place] = value
            } else {
                places[key.scalars] = keys.count
                keys.append(key)
                values.append(value)
            }
        }
        self.keys = keys
        self.values = values
        self.places = places
        depth = try Tokenization.depth(around: values)
    }

    subscript(_ key: TemplateString) -> RuntimeValue? { places[key.scalars].map { values[$0] } }

    var members: [(TemplateString, RuntimeValue)] { Array(zip(keys, values)) }

    /// The members as (key, value) tuples.
    func pairs() throws -> [RuntimeValue] {
        try zip(keys, values).map { try .tuple([.string($0), $1]) }
    }
}

/// Items that can be read once.
final class RuntimeGenerator {
    private var items: ArraySlice<RuntimeValue>
    let depth: Int

    init(_ items: [RuntimeValue]) throws {
        self.items = items[...]
        depth = try Tokenization.depth(around: items)
    }

    func next() -> RuntimeValue? { items.popFirst() }

    func takeAll() -> [RuntimeValue] {
        defer { items = [] }
        return Array(items)
    }
}

/// What `namespace()` makes: the one value that templates can change. Counts as depth 0 within other values, since
/// nothing recurses through it; the interpreter empties it at the end, so that a cycle is freed.
final class RuntimeNamespace {
    var attributes: [String: RuntimeValue] = [:]
}

/// A macro, with the scope in which it was defined.
final class RuntimeMacro {
    let syntax: TemplateMacro
    let scope: TemplateScope

    init(_ syntax: TemplateMacro, scope: TemplateScope) {
        self.syntax = syntax
        self.scope = scope
    }
}

/// A method of a value, not called yet.
final class RuntimeMethod {
    let receiver: RuntimeValue
    let name: String

    init(receiver: RuntimeValue, name: String) {
        self.receiver = receiver
        self.name = name
    }
}

/// The functions that every template sees.
enum RuntimeFunction: String, CaseIterable {
    case range, dict, namespace
    case raiseException = "raise_exception"
    case strftimeNow = "strftime_now"
}

/// The names that are visible at a place in a template.
final class TemplateScope {
    var variables: [String: RuntimeValue] = [:]
    let parent: TemplateScope?

    init(parent: TemplateScope?) { self.parent = parent }

    func value(of name: String) -> RuntimeValue? {
        var scope: TemplateScope? = self
        while let current = scope {
            if let value = current.variables[name] { return value }
            scope = current.parent
        }
        return nil
    }
}
