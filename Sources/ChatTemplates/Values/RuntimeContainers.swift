/// A list, tuple or view. Templates cannot change it.
final class RuntimeList {
    let items: [RuntimeValue]
    /// The names under which a tuple's items can be read as attributes, in order; empty for most tuples.
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

/// The result of `namespace()`: the one value that templates can change. A namespace counts as depth 0 within other
/// values, since nothing recurses through it; the interpreter empties it at the end, so that a reference cycle is
/// freed.
final class RuntimeNamespace {
    var attributes: [String: RuntimeValue] = [:]
}

/// How deep and how large a container of values is. Comparing, printing and freeing a container recurse, and a value
/// with two references is handled twice, so depth and size are both bounded when the container is made.
struct RuntimeExtent {
    /// The number of containers nested in one another, this one included.
    private(set) var depth = 1
    /// The number of values within, at all levels; every 16 characters of a string count as one more.
    private(set) var size = 1

    /// - Throws: `limit` for values nested too deep or too large.
    init(of children: some Sequence<RuntimeValue>) throws {
        for child in children {
            depth = max(depth, child.depth + 1)
            size += child.size
            guard size <= TemplateLimits.valueSize else {
                throw ChatTemplateError.limit(
                    "a value of more than \(TemplateLimits.valueSize) items in all, or 16 times as many characters")
            }
        }
        guard depth <= TemplateLimits.valueDepth else {
            throw ChatTemplateError.limit("values nest deeper than \(TemplateLimits.valueDepth) levels")
        }
    }
}

/// A mapping that keeps its order. Templates cannot change it.
final class RuntimeMapping {
    let keys: [RuntimeValue]
    let values: [RuntimeValue]
    let extent: RuntimeExtent
    private let hashedKeys: [RuntimeKey]
    /// The index of each key; empty for a small mapping, in which a linear search is faster than hashing.
    private let places: [RuntimeKey: Int]

    private static let smallCount = 8

    /// Of two members with the same key, the later value counts, at the earlier place.
    convenience init(_ members: [(TemplateString, RuntimeValue)]) throws {
        try self.init(members: members.map { (.string($0), $1) })
    }

    /// A mapping with keys of any kind.
    /// - Throws: for values that cannot be keys, and for values nested too deep.
    init(members: [(RuntimeValue, RuntimeValue)]) throws {
        var keys: [RuntimeValue] = []
        var values: [RuntimeValue] = []
        var hashedKeys: [RuntimeKey] = []
        var places: [RuntimeKey: Int] = [:]
        let isSmall = members.count <= Self.smallCount
        for (key, value) in members {
            let hashed = try RuntimeKey(key)
            if let place = isSmall ? hashedKeys.firstIndex(of: hashed) : places[hashed] {
                values[place] = value
                continue
            }
            if !isSmall { places[hashed] = keys.count }
            keys.append(key)
            values.append(value)
            hashedKeys.append(hashed)
        }
        self.keys = keys
        self.values = values
        self.hashedKeys = hashedKeys
        self.places = places
        extent = try RuntimeExtent(of: [keys, values].joined())
    }

    subscript(_ key: TemplateString) -> RuntimeValue? { self[.string(key.scalars)] }

    subscript(_ key: RuntimeKey) -> RuntimeValue? {
        let place = hashedKeys.count <= Self.smallCount ? hashedKeys.firstIndex(of: key) : places[key]
        return place.map { values[$0] }
    }

    /// The member with a key of any kind; nil if there is none.
    /// - Throws: for values that can change, which cannot be keys.
    func member(_ key: RuntimeValue) throws -> RuntimeValue? {
        switch key {
        case .undefined, .macro, .function, .method, .namespace, .loop, .generator, .range: nil
        default: try self[RuntimeKey(key)]
        }
    }

    /// Whether the other mapping has the same members, in any order.
    func isEqual(to other: RuntimeMapping) -> Bool {
        if self === other { return true }
        guard keys.count == other.keys.count else { return false }
        return zip(hashedKeys, values).allSatisfy { key, value in
            other[key].map { value.isEqual(to: $0) } ?? false
        }
    }

    var members: [(RuntimeValue, RuntimeValue)] { Array(zip(keys, values)) }

    /// The members as (key, value) tuples.
    func pairs() throws -> [RuntimeValue] { try zip(keys, values).map { try .tuple([$0, $1]) } }
}

/// A value as a key of a mapping. Keys are equal as in Python: 1, 1.0 and true are one key.
enum RuntimeKey: Hashable {
    case none
    case integer(Int)
    /// A number that is not a 64-bit integer.
    case fraction(Double)
    case string([Unicode.Scalar])
    case tuple([RuntimeKey])

    /// - Throws: for values that can change, which cannot be keys, and for values without a literal.
    init(_ value: RuntimeValue) throws {
        switch value {
        case .none: self = .none
        case .string(let string): self = .string(string.scalars)
        case .number(let number): self = Int(exactly: number).map { .integer($0) } ?? .fraction(number)
        case .tuple(let list): self = try .tuple(list.items.map { try RuntimeKey($0) })
        default:
            guard let integer = value.asInteger else {
                throw ChatTemplateError.template("\(value.kind) cannot be a key of a mapping")
            }
            self = .integer(integer)
        }
    }
}
