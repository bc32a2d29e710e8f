/// Parses JSON texts (RFC 8259) into trees. Stack and memory are bounded by the input.
///
/// Beyond the grammar, the parser refuses what readers understand in different ways: a repeated key in an object, half
/// of a surrogate pair, and numbers beyond the range of a double. Numbers too small for a double become zero.
public enum JSONParser {
    /// Parses a text that is one value with nothing but blanks around it.
    ///
    /// - Throws: `JSONError` with the offset of the byte at fault, counted from 0.
    public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue { try parse(bytes, keeping: nil) }

    /// Parses a text in which arrays and objects are nested at most `depth` levels deep.
    /// - Parameter keys: the keys of the outermost object whose members are built; nil: all. Other members are checked
    ///   for their grammar and left out, which costs no memory.
    package static func parse(
        _ bytes: [UInt8], keeping keys: [String]? = nil, depth: Int = JSONReader.maximumDepth
    ) throws(JSONError) -> JSONValue {
        try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in
            try parse(bytes, keeping: keys, depth: depth)
        }
    }

    package static func parse(
        _ bytes: UnsafeBufferPointer<UInt8>, keeping keys: [String]? = nil, depth: Int = JSONReader.maximumDepth
    ) throws(JSONError) -> JSONValue {
        if let offset = offsetOfInvalidUTF8(in: bytes) {
            throw JSONError(.encoding, "a byte that is not valid UTF-8", at: offset, isAtEnd: false)
        }
        var reader = JSONReader(bytes, maximumDepth: depth)
        var builder = TreeBuilder(keys: .once)
        let value = try builder.value(&reader, build: true, keeping: keys)
        try reader.finish()
        return value
    }
}

extension JSONReader {
    /// Reads a value as a tree. If an object has a key twice, the last value counts.
    /// - Parameter limit: the most values in the tree.
    package mutating func tree(limit: Int) throws(JSONError) -> JSONValue {
        var builder = TreeBuilder(keys: .last, limit: limit)
        return try builder.value(&self, build: true)
    }
}

private struct TreeBuilder {
    /// How a repeated key in an object is treated: an error (`once`), or the last value counts (`last`).
    enum Keys { case once, last }

    let keys: Keys
    private let limit: Int
    private var left: Int

    init(keys: Keys, limit: Int = .max) {
        self.keys = keys
        self.limit = limit
        left = limit
    }

    /// The next value; with `build` false the value is only checked, and its containers are empty.
    mutating func value(
        _ reader: inout JSONReader, build: Bool, keeping wanted: [String]? = nil
    ) throws(JSONError) -> JSONValue {
        left -= 1
        guard left >= 0 else { throw reader.failure("more than \(limit) values in one component") }
        switch reader.peek() {
        case UInt8(ascii: "{"): return .object(try members(&reader, build: build, keeping: wanted))
        case UInt8(ascii: "["):
            var elements: [JSONValue] = []
            try reader.beginArray()
            while try reader.nextElement() {
                let element = try value(&reader, build: build)
                if build { elements.append(element) }
            }
            return .array(elements)
        case UInt8(ascii: "\""):
            guard build else {
                try reader.string(into: nil)
                return .null
            }
            return .string(try reader.string())
        case UInt8(ascii: "t"):
            try reader.word("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try reader.word("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try reader.word("null")
            return .null
        default:
            switch try reader.number() {
            case .int(let number): return .int(number)
            case let number: return .double(number.double)
            }
        }
    }

    private mutating func members(
        _ reader: inout JSONReader, build: Bool, keeping wanted: [String]?
    ) throws(JSONError) -> [JSONMember] {
        var members: [JSONMember] = []
        var seen = SeenKeys()
        var bytes: [UInt8] = []
        try reader.beginObject()
        while try reader.nextKey(into: &bytes) {
            let key = String(decoding: bytes, as: UTF8.self)
            let isNew = seen.insert(key)
            guard isNew || keys == .last else {
                throw reader.failure(
                    "the key \(JSONWriter.quoted(key)) stands twice in one object", .repeatedKey(key),
                    at: reader.keyStart)
            }
            let keep = build && wanted?.contains(key) != false
            let value = try value(&reader, build: keep)
            if keep, isNew {
                members.append(JSONMember(key, value))
            } else if keep, let place = members.firstIndex(where: { $0.key == key }) {
                members[place] = JSONMember(key, value)
            }
        }
        return members
    }
}

/// The keys of an object so far: searching a short list is faster than building a set.
private struct SeenKeys {
    private var few: [String] = []
    private var many: Set<String> = []

    /// Inserts the key; returns false if it was there already.
    mutating func insert(_ key: String) -> Bool {
        guard few.count < 16 else {
            if many.isEmpty { many = Set(few) }
            return many.insert(key).inserted
        }
        guard !few.contains(key) else { return false }
        few.append(key)
        return true
    }
}
