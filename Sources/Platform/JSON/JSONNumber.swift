/// A number as a JSON text has it: integers of 64 bits, signed or unsigned, are exact.
package enum JSONNumber: Sendable, Hashable {
    /// An integer without fraction and exponent, from `Int64.min` to `Int64.max`.
    case int(Int64)
    /// An integer without fraction and exponent, above `Int64.max`.
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
