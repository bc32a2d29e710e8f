/// A list, tuple or view. Templates cannot change it.
final class RuntimeList {
    let items: [RuntimeValue]
    /// The attributes by which a tuple's items are known too, in order; none for most.
    let attributes: [String]
    let extent: RuntimeExtent

    init(_ items: [RuntimeValue], attributes: [String] = []) throws {
        self.items = items
        self.attributes = attributes
        extent = try RuntimeExtent(of: items)
    }
}

/// Items that can be read once.
final class RuntimeGenerator {
    private var items: ArraySlice<RuntimeValue>
    let extent: RuntimeExtent

    init(_ items: [RuntimeValue]) throws {
        self.items = items[...]
        extent = try RuntimeExtent(of: items)
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
