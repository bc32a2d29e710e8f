import Platform

/// Takes the fields out of a JSON object one by one and checks them; what is left at the end are unknown fields.
///
/// A field that is `null` counts as absent, as in OpenAI's API.
struct FieldReader {
    /// The object's own place in the request, such as `messages[2].`; empty for the outermost object.
    let place: String
    private(set) var members: [JSONMember]

    /// - Parameters:
    ///   - value: the JSON value; it must be an object.
    ///   - name: the object's name in messages.
    ///   - param: the field that an error names; nil for a whole line.
    init(_ value: JSONValue, place: String = "", named name: String, param: String?) throws(ProtocolError) {
        guard let members = value.members else {
            throw ProtocolError(
                .invalidType, "\(name) must be an object, the value is \(describe(value))", param: param)
        }
        self.place = place
        self.members = members
    }

    func contains(_ key: String) -> Bool { members.contains { $0.key == key } }

    mutating func take(_ key: String) -> JSONValue? {
        guard let index = members.firstIndex(where: { $0.key == key }) else { return nil }
        let value = members.remove(at: index).value
        return value == .null ? nil : value
    }

    mutating func bool(_ key: String) throws(ProtocolError) -> Bool? {
        guard let value = take(key) else { return nil }
        guard case .bool(let flag) = value else { throw typeError(key, "true or false", value) }
        return flag
    }

    mutating func string(_ key: String) throws(ProtocolError) -> String? {
        guard let value = take(key) else { return nil }
        guard let text = value.string else { throw typeError(key, "a string", value) }
        return text
    }

    mutating func array(_ key: String) throws(ProtocolError) -> [JSONValue]? {
        guard let value = take(key) else { return nil }
        guard let elements = value.elements else { throw typeError(key, "an array", value) }
        return elements
    }

    /// An integer; `64.0` counts as an integer.
    mutating func integer(_ key: String, in range: ClosedRange<Int64>) throws(ProtocolError) -> Int64? {
        guard let value = take(key) else { return nil }
        return try integer(value, named: key, in: range)
    }

    func integer(_ value: JSONValue, named key: String, in range: ClosedRange<Int64>) throws(ProtocolError) -> Int64 {
        let wanted =
            range.upperBound == .max
            ? (range.lowerBound == .min ? "an integer of 64 bits" : "an integer of at least \(range.lowerBound)")
            : "an integer from \(range.lowerBound) to \(range.upperBound)"
        guard value.number != nil else { throw typeError(key, wanted, value) }
        guard let number = value.integer, range.contains(number) else { throw valueError(key, wanted, value) }
        return number
    }

    mutating func number(_ key: String, in range: ClosedRange<Double>) throws(ProtocolError) -> Float? {
        guard let value = take(key) else { return nil }
        return try number(value, named: key, in: range)
    }

    func number(_ value: JSONValue, named key: String, in range: ClosedRange<Double>) throws(ProtocolError) -> Float {
        let wanted = "a number from \(short(range.lowerBound)) to \(short(range.upperBound))"
        guard let number = value.number else { throw typeError(key, wanted, value) }
        guard range.contains(number) else { throw valueError(key, wanted, value) }
        return Float(number)
    }

    func typeError(_ key: String, _ wanted: String, _ value: JSONValue) -> ProtocolError {
        error(.invalidType, key, "must be \(wanted), the value is \(describe(value))")
    }

    func valueError(_ key: String, _ wanted: String, _ value: JSONValue) -> ProtocolError {
        error(.invalidValue, key, "must be \(wanted), the value is \(describe(value))")
    }

    /// An error whose message begins with the field's full name.
    func error(_ code: ProtocolError.Code, _ key: String, _ message: String) -> ProtocolError {
        ProtocolError(code, "\(place)\(key) \(message)", param: place + key)
    }

    /// Refuses the first field that has not been taken.
    func refuseRest() throws(ProtocolError) {
        guard let member = members.first else { return }
        throw ProtocolError(
            .unknownField,
            "unknown field \(JSONWriter.quoted(place + member.key)), the value is \(describe(member.value))",
            param: place + member.key)
    }

    private func short(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? number.description }
}

/// The value as messages show it.
func describe(_ value: JSONValue) -> String {
    switch value {
    case .string(let text): JSONWriter.quoted(text)
    case .array(let elements): elements.isEmpty ? "an empty array" : "an array of \(elements.count)"
    case .object: "an object"
    case .null, .bool, .int, .double: String(decoding: value.encoded(), as: UTF8.self)
    }
}
