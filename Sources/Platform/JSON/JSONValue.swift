/// One member of a JSON object.
public struct JSONMember: Sendable, Hashable {
    /// The name before the colon.
    public let key: String
    /// The value after the colon.
    public let value: JSONValue

    /// Makes a member from its key and value.
    public init(_ key: String, _ value: JSONValue) {
        self.key = key
        self.value = value
    }
}

/// A JSON value. Objects keep the order of their members and hold no key twice.
public indirect enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// A number without fraction and exponent that fits into 64 bits.
    case int(Int64)
    /// Any other number; always finite.
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])

    /// The member with this key, or nil if this is not an object or has no such member.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// The text, if this is a string.
    public var string: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    /// The number, if this is a number that equals an integer of 64 bits: `64` and `64.0`, not `64.5`.
    public var integer: Int64? {
        switch self {
        case .int(let number): number
        case .double(let number): Int64(exactly: number)
        default: nil
        }
    }

    /// The number, if this is a number.
    public var number: Double? {
        switch self {
        case .int(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    /// The elements, if this is an array.
    public var elements: [JSONValue]? {
        if case .array(let elements) = self { return elements }
        return nil
    }

    /// The members, if this is an object.
    public var members: [JSONMember]? {
        if case .object(let members) = self { return members }
        return nil
    }
}

extension JSONValue {
    /// A whole number.
    public static func integer(_ number: Int) -> JSONValue { .int(Int64(number)) }

    /// A number; a number that is not finite becomes `null`, since JSON has no word for it.
    public static func number(_ number: Double) -> JSONValue { number.isFinite ? .double(number) : .null }

    /// The truth value, if this is one.
    public var bool: Bool? {
        if case .bool(let flag) = self { return flag }
        return nil
    }
}
