/// A number as it stands in a JSON text: integers of 64 bits are exact, with a sign or without.
package enum JSONNumber: Sendable, Hashable {
    /// Without fraction and exponent, and not above `Int64.max`.
    case int(Int64)
    /// Without fraction and exponent, and above `Int64.max`.
    case unsigned(UInt64)
    /// Any other number; always finite.
    case double(Double)

    /// The nearest double.
    package var double: Double {
        switch self {
        case .int(let number): Double(number)
        case .unsigned(let number): Double(number)
        case .double(let number): number
        }
    }

    /// The number as an integer of this type, if it equals one: `64` and `64.0`, not `64.5`.
    package func exactly<Integer: FixedWidthInteger>(_: Integer.Type = Integer.self) -> Integer? {
        switch self {
        case .int(let number): Integer(exactly: number)
        case .unsigned(let number): Integer(exactly: number)
        case .double(let number): Integer(exactly: number)
        }
    }
}
