extension RuntimeValue {
    /// Equality as Python sees it: numbers by value, containers item by item.
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

    /// Order as Python sees it.
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

    /// The items that a loop over the value sees. A generator is emptied.
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
