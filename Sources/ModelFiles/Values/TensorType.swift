// The formats' names are written as people write them.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

/// How the elements of a GGUF tensor are stored. The raw value is the number in the file.
public enum TensorType: UInt32, Sendable, CaseIterable, CustomStringConvertible {
    /// IEEE single precision.
    case f32 = 0
    /// IEEE half precision.
    case f16 = 1
    /// 32 numbers of 4 bits around zero, with one scale.
    case q4_0 = 2
    /// 32 numbers of 4 bits from a minimum up, with one scale.
    case q4_1 = 3
    /// 32 numbers of 5 bits around zero, with one scale.
    case q5_0 = 6
    /// 32 numbers of 5 bits from a minimum up, with one scale.
    case q5_1 = 7
    /// 32 signed bytes, with one scale.
    case q8_0 = 8
    /// 256 numbers of 4 bits, with a 6-bit scale and minimum for every 32.
    case q4_K = 12
    /// 256 numbers of 5 bits, with a 6-bit scale and minimum for every 32.
    case q5_K = 13
    /// 256 numbers of 6 bits around zero, with an 8-bit scale for every 16.
    case q6_K = 14
    /// The upper half of single precision.
    case bf16 = 30

    /// The number of elements that are stored together; a row is a whole number of blocks.
    public var elementsPerBlock: Int {
        switch self {
        case .f32, .f16, .bf16: 1
        case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0: 32
        case .q4_K, .q5_K, .q6_K: 256
        }
    }

    /// The number of bytes that a block takes.
    public var bytesPerBlock: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .q4_0: 18
        case .q4_1: 20
        case .q5_0: 22
        case .q5_1: 24
        case .q8_0: 34
        case .q4_K: 144
        case .q5_K: 176
        case .q6_K: 210
        }
    }

    /// The common name, such as `Q4_1`.
    public var name: String {
        switch self {
        case .f32: "F32"
        case .f16: "F16"
        case .q4_0: "Q4_0"
        case .q4_1: "Q4_1"
        case .q5_0: "Q5_0"
        case .q5_1: "Q5_1"
        case .q8_0: "Q8_0"
        case .q4_K: "Q4_K"
        case .q5_K: "Q5_K"
        case .q6_K: "Q6_K"
        case .bf16: "BF16"
        }
    }

    /// The name.
    public var description: String { name }
}
