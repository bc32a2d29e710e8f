/// A mapping that keeps its order. Templates cannot change it.
final class RuntimeMapping {
    let keys: [RuntimeValue]
    let values: [RuntimeValue]
    let extent: RuntimeExtent
    private let hashedKeys: [RuntimeKey]
    /// Where each key stands; empty for a small mapping, in which a search is faster than a hash.
    private let places: [RuntimeKey: Int]

    private static let smallCount = 8

    /// Of two members with one key, the later value counts, at the earlier place.
    convenience init(_ members: [(TemplateString, RuntimeValue)]) throws {
        try self.init(members: members.map { (.string($0), $1) })
    }

    /// The same with keys of other kinds.
    /// - Throws: for what cannot be a key, and for values nested too deep.
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
