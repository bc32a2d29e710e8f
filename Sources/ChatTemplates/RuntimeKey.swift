/// A value as a key of a mapping. Keys are equal as Python sees it: 1, 1.0 and true are one key.
enum RuntimeKey: Hashable {
    case none
    case integer(Int)
    /// A number that is no 64-bit integer.
    case fraction(Double)
    case string([Unicode.Scalar])
    case tuple([RuntimeKey])

    /// - Throws: for values that can change, which cannot be keys, and for those that have no literal.
    init(_ value: RuntimeValue) throws {
        switch value {
        case .none: self = .none
        case .string(let string): self = .string(string.scalars)
        case .number(let number): self = Int(exactly: number).map { .integer($0) } ?? .fraction(number)
        case .tuple(let list): self = try .tuple(list.items.map { try RuntimeKey($0) })
        default:
            guard let integer = value.asInteger else {
                throw ChatTemplateError.template("\(value.kind) cannot be a key of a mapping")
            }
            self = .integer(integer)
        }
    }
}
