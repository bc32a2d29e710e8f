/// Access to the parts of a value: attributes, elements, slices.
extension RuntimeValue {
    /// `value.name`: a method or attribute if there is one, else a mapping's member.
    func attribute(_ key: TemplateString) throws -> RuntimeValue { try attribute(key, name: key.text) }

    /// `value.name` for a name that the caller has both as a key and as text.
    func attribute(_ key: TemplateString, name: String) throws -> RuntimeValue {
        if let found = try ownAttribute(name) { return found }
        if case .mapping(let mapping) = self, let member = mapping[key] { return member }
        return .undefined("\(kind) has no attribute '\(name)'")
    }

    /// `value[index]`: an element if there is one, else a method or attribute.
    func element(_ index: RuntimeValue) throws -> RuntimeValue {
        switch (self, index) {
        case (.mapping(let mapping), .string(let key)):
            if let member = mapping[key] { return member }
        case (.mapping(let mapping), _):
            if let key = try? RuntimeKey(index), let member = mapping[key] { return member }
        case (.list(let list), _), (.tuple(let list), _), (.range(let list), _):
            if let place = index.asInteger {
                return Self.place(place, count: list.items.count).map { list.items[$0] }
                    ?? .undefined("\(kind) of \(list.items.count) items has no item \(place)")
            }
        case (.string(let string), _):
            if let place = index.asInteger {
                return Self.place(place, count: string.count).map { .string(string[$0..<$0 + 1]) }
                    ?? .undefined("a string of \(string.count) characters has no character \(place)")
            }
        default: break
        }
        if case .string(let name) = index {
            return try ownAttribute(name.text) ?? .undefined("\(kind) has no member '\(name.text)'")
        }
        if case .undefined(let message) = self { throw ChatTemplateError.template(message) }
        return .undefined("\(kind) has no such element")
    }

    /// Follows a path such as `function.name` or `0`, as filters with an `attribute` argument do.
    func following(_ path: RuntimeValue) throws -> RuntimeValue {
        if path.asInteger != nil { return try element(path) }
        var current = self
        for part in try path.string(for: "attribute").text.split(separator: ".", omittingEmptySubsequences: false) {
            let key = Int(part).map { RuntimeValue.integer($0) } ?? .template(String(part))
            current = try current.element(key)
        }
        return current
    }

    /// The place of an index, which counts from the end if negative; nil if there is none.
    private static func place(_ index: Int, count: Int) -> Int? {
        let place = index < 0 ? index + count : index
        return place >= 0 && place < count ? place : nil
    }

    /// A method, or an attribute that is not a mapping's member.
    private func ownAttribute(_ name: String) throws -> RuntimeValue? {
        switch self {
        case .undefined(let message): throw ChatTemplateError.template(message)
        case .namespace(let namespace): return namespace.attributes[name]
        case .tuple(let list) where !list.attributes.isEmpty:
            if let place = list.attributes.firstIndex(of: name) { return list.items[place] }
            return method(name)
        case .loop(let loop): return try loop.attribute(name) ?? method(name)
        default:
            // As in the reference's sandbox: the attribute is undefined, and using it is an error.
            if name.hasPrefix("__"), name.hasSuffix("__") {
                return .undefined("the attribute '\(name)' is not accessible")
            }
            return method(name)
        }
    }

    private func method(_ name: String) -> RuntimeValue? {
        TemplateMethods.method(name, of: self).map { .method($0) }
    }

    // MARK: - Slices

    /// `value[start:stop:step]`.
    func slice(
        from start: Int?, to stop: Int?, by step: Int?, _ budget: TemplateBudget
    ) throws -> RuntimeValue {
        if case .undefined(let message) = self { throw ChatTemplateError.template(message) }
        guard let count = length, step != 0 else { throw ChatTemplateError.template("\(kind) has no such slice") }
        let step = step ?? 1
        let (start, stop) = Self.sliceBounds(start, stop, step: step, count: count)
        try budget.charge(characters: count)
        switch self {
        case .string(let string):
            if step == 1 { return .string(string[start..<max(start, stop)]) }
            var result = TemplateString()
            for index in stride(from: start, to: stop, by: step) { result.append(string, in: index..<index + 1) }
            return .string(result)
        case .list(let list), .range(let list):
            return try .list(stride(from: start, to: stop, by: step).map { list.items[$0] })
        case .tuple(let list):
            return try .tuple(stride(from: start, to: stop, by: step).map { list.items[$0] })
        default: throw ChatTemplateError.template("\(kind) cannot be sliced")
        }
    }

    /// Bounds clamped like those of Python's slices.
    static func sliceBounds(_ start: Int?, _ stop: Int?, step: Int, count: Int) -> (Int, Int) {
        let lowest = step > 0 ? 0 : -1
        let highest = step > 0 ? count : count - 1
        func clamp(_ bound: Int) -> Int {
            let fromStart = bound < 0 ? max(bound, -count - 1) + count : bound
            return min(max(fromStart, lowest), highest)
        }
        return (start.map(clamp) ?? (step > 0 ? lowest : highest), stop.map(clamp) ?? (step > 0 ? highest : lowest))
    }
}
