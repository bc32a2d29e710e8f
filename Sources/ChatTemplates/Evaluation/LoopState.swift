/// The state of a `for` loop, and what a template sees as `loop`.
///
/// The loop's filter runs as late as possible, since it may read a namespace that the body changes.
final class LoopState {
    private var source: ArraySlice<RuntimeValue>
    private var filter: ((RuntimeValue) throws -> Bool)?
    private var ahead: RuntimeValue?
    private var current: RuntimeValue?
    private var previous: RuntimeValue?
    private var lastChanged: RuntimeValue?
    private var index0 = -1
    let depth: Int
    /// How many levels of the recursive loop this loop is nested in.
    let level: Int
    /// The loop and scope that a call of a recursive loop runs again; nil once the loop is over.
    private(set) var recursion: (loop: TemplateLoop, scope: TemplateScope)?

    init(
        _ items: [RuntimeValue], filter: ((RuntimeValue) throws -> Bool)?, level: Int,
        recursion: (loop: TemplateLoop, scope: TemplateScope)?
    ) {
        source = items[...]
        self.filter = filter
        self.level = level
        self.recursion = recursion
        depth = 1 + (items.map(\.depth).max() ?? 0)
    }

    /// Advances to the next item.
    func next() throws -> RuntimeValue? {
        guard let item = try peek() else { return nil }
        ahead = nil
        previous = current
        current = item
        index0 += 1
        return item
    }

    /// Releases everything that the loop refers to.
    func finish() {
        filter = nil
        source = []
        ahead = nil
        recursion = nil
    }

    private func peek() throws -> RuntimeValue? {
        if let ahead { return ahead }
        while let item = source.popFirst() {
            if try filter?(item) ?? true {
                ahead = item
                return item
            }
        }
        return nil
    }

    /// The number of items still to come.
    private func remaining() throws -> Int {
        var rest: [RuntimeValue] = []
        while let item = try peek() {
            rest.append(item)
            ahead = nil
        }
        source = rest[...]
        filter = nil
        return rest.count
    }

    private func length() throws -> Int { try index0 + 1 + remaining() }

    /// An attribute of `loop` that is not a method; nil if there is none of this name.
    func attribute(_ name: String) throws -> RuntimeValue? {
        switch name {
        case "index": .integer(index0 + 1)
        case "index0": .integer(index0)
        case "first": .bool(index0 == 0)
        case "last": try .bool(peek() == nil)
        case "length": try .integer(length())
        case "revindex": try .integer(remaining() + 1)
        case "revindex0": try .integer(remaining())
        case "previtem": previous ?? .undefined("there is no previous item")
        case "nextitem": try peek() ?? .undefined("there is no next item")
        case "depth": .integer(level + 1)
        case "depth0": .integer(level)
        default: nil
        }
    }

    func cycle(_ values: [RuntimeValue]) throws -> RuntimeValue {
        guard !values.isEmpty else { throw ChatTemplateError.template("loop.cycle needs at least one value") }
        return values[index0 % values.count]
    }

    /// Whether the values differ from those of the last call.
    func changed(_ values: [RuntimeValue]) throws -> Bool {
        let new = try RuntimeValue.tuple(values)
        defer { lastChanged = new }
        guard let lastChanged else { return true }
        return !lastChanged.isEqual(to: new)
    }
}
