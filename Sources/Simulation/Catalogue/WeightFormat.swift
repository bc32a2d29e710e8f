/// How weights are stored. The format decides how many bytes a step reads. Arithmetic is assumed to run at the device's
/// rate for 16 bits with every format, as it does where weights are unpacked in registers.
public struct WeightFormat: Sendable, Hashable, CustomStringConvertible {
    public let name: String
    /// Bytes of one weight, including the scales of block formats.
    public let bytesPerWeight: Double

    /// A format that is not in the list, such as the mixture of formats in a file.
    /// - Throws: `invalid_setting` for bits outside 0.5...64.
    public init(name: String, bitsPerWeight: Double) throws(SimulationError) {
        guard (0.5...64).contains(bitsPerWeight) else {
            throw SimulationError(
                .invalidSetting, "weights of \(bitsPerWeight) bits were given; 0.5...64 are possible")
        }
        self.init(name, bitsPerWeight: bitsPerWeight)
    }

    private init(_ name: String, bitsPerWeight: Double) {
        self.name = name
        bytesPerWeight = bitsPerWeight / 8
    }

    public var description: String { name }

    public static let fp32 = WeightFormat("fp32", bitsPerWeight: 32)
    public static let fp16 = WeightFormat("fp16", bitsPerWeight: 16)
    public static let bf16 = WeightFormat("bf16", bitsPerWeight: 16)
    public static let fp8 = WeightFormat("fp8", bitsPerWeight: 8)
    public static let int8 = WeightFormat("int8", bitsPerWeight: 8)
    /// GGUF block formats, with the bits that a weight takes in each.
    public static let q80 = WeightFormat("q8_0", bitsPerWeight: 8.5)
    public static let q6K = WeightFormat("q6_k", bitsPerWeight: 6.5625)
    public static let q5K = WeightFormat("q5_k", bitsPerWeight: 5.5)
    public static let q4K = WeightFormat("q4_k", bitsPerWeight: 4.5)
    public static let q41 = WeightFormat("q4_1", bitsPerWeight: 5)
    public static let q40 = WeightFormat("q4_0", bitsPerWeight: 4.5)

    public static let all: [WeightFormat] = [
        fp32, fp16, bf16, fp8, int8, q80, q6K, q5K, q4K, q41, q40,
    ]

    /// The format of a name, which is case-insensitive.
    /// - Throws: `unknown_name` with the formats that there are.
    public static func named(_ name: String) throws(SimulationError) -> WeightFormat {
        let wanted = name.lowercased()
        guard let found = all.first(where: { $0.name == wanted }) else {
            throw SimulationError(
                .unknownName,
                "there is no weight format '\(name)'; formats: \(all.map(\.name).joined(separator: ", "))")
        }
        return found
    }
}
