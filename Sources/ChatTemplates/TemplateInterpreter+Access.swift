extension TemplateInterpreter {
    /// `value.name`: a method or attribute if there is one, else a mapping's member.
    func attribute(_ key: TemplateString, of value: RuntimeValue) throws -> RuntimeValue {
        try attribute(key, name: key.text, of: value)
    }

    /// The same for a name that is at hand as a key and as text.
    func attribute(_ key: TemplateString, name: String, of value: RuntimeValue) throws -> RuntimeValue {
        if let found = try ownAttribute(name, of: value) { return found }
        if case .mapping(let mapping) = value, let member = mapping[key] { return member }
        return .undefined("\(value.kind) has no attribute '\(name)'")
    }

    /// `value[index]`: an element if there is one, else a method or attribute.
    func element(_ index: RuntimeValue, of value: RuntimeValue) throws -> RuntimeValue {
        switch (value, index) {
        case (.mapping(let mapping), .string(let key)):
            if let member = mapping[key] { return member }
        case (.mapping(let mapping), _):
            if let key = try? RuntimeKey(index), let member = mapping[key] { return member }
        case (.list(let list), _), (.tuple(let list), _), (.range(let list), _):
            if let place = index.asInteger {
                return Self.place(place, count: list.items.count).map { list.items[$0] }
                    ?? .undefined("\(value.kind) of \(list.items.count) items has no item \(place)")
            }
        case (.string(let string), _):
            if let place = index.asInteger {
                return Self.place(place, count: string.count).map { .string(string[$0..<$0 + 1]) }
                    ?? .undefined("a string of \(string.count) characters has no character \(place)")
            }
        default: break
        }
        if case .string(let name) = index {
            return try ownAttribute(name.text, of: value) ?? .undefined("\(value.kind) has no member '\(name.text)'")
        }
        if case .undefined(let message) = value { throw ChatTemplateError.template(message) }
        return .undefined("\(value.kind) has no such element")
    }

    /// A place counted from the end if negative; nil if there is none.
    private static func place(_ index: Int, count: Int) -> Int? {
        let place = index < 0 ? index + count : index
        return place >= 0 && place < count ? place : nil
    }

    /// A method, or an attribute that is not a mapping's member.
    private func ownAttribute(_ name: String, of value: RuntimeValue) throws -> RuntimeValue? {
        switch value {
        case .undefined(let message): throw ChatTemplateError.template(message)
        case .namespace(let namespace): return namespace.attributes[name]
        case .tuple(let list) where !list.attributes.isEmpty:
            if let place = list.attributes.firstIndex(of: name) { return list.items[place] }
            return method(name, of: value)
        case .loop(let loop): return try loop.attribute(name)
        default:
            // As the reference's sandbox has it: not there, and an error if anything is done with it.
            if name.hasPrefix("__"), name.hasSuffix("__") {
                return .undefined("the attribute '\(name)' is not accessible")
            }
            return method(name, of: value)
        }
    }

    private func method(_ name: String, of value: RuntimeValue) -> RuntimeValue? {
        guard RuntimeMethod.names(of: value).contains(name) else { return nil }
        return .method(RuntimeMethod(receiver: value, name: name))
    }

    /// `value[start:stop:step]`.
    func slice(
        _ value: RuntimeValue, _ bounds: [TemplateExpression?], _ scope: TemplateScope
    ) throws -> RuntimeValue {
        let numbers = try bounds.map { bound -> Int? in
            guard let bound, let value = try evaluate(bound, scope).ifNotNone else { return nil }
            return try value.integer(for: "slice")
        }
        if case .undefined(let message) = value { throw ChatTemplateError.template(message) }
        guard let count = value.length, numbers[2] != 0 else {
            throw ChatTemplateError.template("\(value.kind) has no such slice")
        }
        let step = numbers[2] ?? 1
        let (start, stop) = Self.sliceBounds(numbers[0], numbers[1], step: step, count: count)
        try charge(characters: count)
        switch value {
        case .string(let string):
            if step == 1 { return .string(string[start..<max(start, stop)]) }
            var result = TemplateString()
            for index in stride(from: start, to: stop, by: step) { result.append(string, in: index..<index + 1) }
            return .string(result)
        case .list(let list), .range(let list):
            return try .list(stride(from: start, to: stop, by: step).map { list.items[$0] })
        case .tuple(let list):
            return try .tuple(stride(from: start, to: stop, by: step).map { list.items[$0] })
        default: throw ChatTemplateError.template("\(value.kind) cannot be sliced")
        }
    }

    /// Bounds clamped as Python's slices do.
    static func sliceBounds(_ start: Int?, _ stop: Int?, step: Int, count: Int) -> (Int, Int) {
        let lowest = step > 0 ? 0 : -1
        let highest = step > 0 ? count : count - 1
        func clamp(_ bound: Int) -> Int {
            let fromStart = bound < 0 ? max(bound, -count - 1) + count : bound
            return min(max(fromStart, lowest), highest)
        }
        return (start.map(clamp) ?? (step > 0 ? lowest : highest), stop.map(clamp) ?? (step > 0 ? highest : lowest))
    }

    /// Follows a path such as `function.name` or `0`, as filters with an `attribute` argument do.
    func follow(_ path: RuntimeValue, from value: RuntimeValue) throws -> RuntimeValue {
        if path.asInteger != nil { return try element(path, of: value) }
        var current = value
        for part in try path.string(for: "attribute").text.split(separator: ".", omittingEmptySubsequences: false) {
            let key = Int(part).map { RuntimeValue.integer($0) } ?? .template(String(part))
            current = try element(key, of: current)
        }
        return current
    }
}
