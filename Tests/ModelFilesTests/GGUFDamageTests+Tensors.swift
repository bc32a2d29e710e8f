import ModelFiles

extension GGUFDamageTests {
    static let tensors: [Damage] = [
        Damage("cut within a tensor's name", .countTooLarge, "name of tensor 0", bytes: tensorCut(after: 8)),
        Damage(
            "cut within the dimension count", .truncated, "dimensions of tensor \"ramp\"",
            bytes: tensorCut(after: 14)),
        Damage("cut within a dimension", .truncated, "dimension 1 of tensor \"ramp\"", bytes: tensorCut(after: 26)),
        Damage("cut within the type", .truncated, "type of tensor \"ramp\"", bytes: tensorCut(after: 33)),
        Damage("cut within the offset", .truncated, "offset of tensor \"ramp\"", bytes: tensorCut(after: 40)),
        Damage(
            "tensor data cut by one byte", .truncated, "\"last\"",
            bytes: Array(GGUFWriter.valid.bytes.dropLast())),
        Damage("no tensor data at all", .truncated, "\"ramp\"", bytes: GGUFWriter.valid.header),
        Damage("empty tensor name", .invalidText, "name of tensor 0", bytes: withTensor { $0.name = [] }),
        Damage(
            "tensor name not UTF-8", .invalidText, "name of tensor 0", bytes: withTensor { $0.name = [0xC3, 0x28] }),
        Damage(
            "tensor name of 2000 bytes", .countTooLarge, "name of tensor 0", "2000", "1024",
            bytes: withTensor { $0.name = [UInt8](repeating: 0x74, count: 2000) }),
        Damage(
            "duplicate tensor name", .duplicateName, "\"quants\"",
            bytes: withTensor { $0.name = Array("quants".utf8) }),
        Damage(
            "no dimensions", .badShape, "\"ramp\"", "0 dimensions",
            bytes: withTensor { tensor in
                tensor.shape = []
                tensor.dimensionCount = 0
            }),
        Damage(
            "five dimensions", .badShape, "\"ramp\"", "5 dimensions", "4",
            bytes: withTensor { tensor in
                tensor.shape = [1, 1, 1, 1, 12]
                tensor.dimensionCount = 5
            }),
        Damage(
            "2^32 - 1 dimensions", .badShape, "\"ramp\"", "4294967295", bytes: withTensor { $0.dimensionCount = .max }),
        Damage(
            "dimension of 0", .badShape, "dimension 1 of tensor \"ramp\" is 0",
            bytes: withTensor { $0.shape[1] = 0 }),
        Damage(
            "dimension of 2^63", .badShape, "dimension 0 of tensor \"ramp\"", "9223372036854775808",
            bytes: withTensor { $0.shape[0] = 1 << 63 }),
        Damage(
            "element count overflows", .sizeOverflow, "\"ramp\"", "4294967296 × 4294967296",
            bytes: withTensor { $0.shape = [1 << 32, 1 << 32] }),
        Damage(
            "byte count overflows", .sizeOverflow, "\"ramp\"", bytes: withTensor { $0.shape = [1 << 31, 1 << 31] }),
        Damage(
            "tensor larger than the file", .truncated, "\"ramp\"", bytes: withTensor { $0.shape = [1 << 20, 1 << 20] }),
        Damage(
            "unknown tensor type", .unsupportedTensorType, "\"ramp\"", "99", bytes: withTensor { $0.type = 99 }),
        Damage(
            "tensor type that is not read", .unsupportedTensorType, "\"ramp\"", "10",
            bytes: withTensor { $0.type = 10 }),
        Damage(
            "row not a multiple of the block", .badShape, "\"ramp\"", "rows of 4", "Q4_1", "multiple of 32",
            bytes: withTensor { $0.type = 3 }),
        Damage(
            "unaligned offset", .misalignedTensor, "\"ramp\"", "offset 4", "32",
            bytes: withTensor { $0.offset = 4 }),
        Damage(
            "offset beyond the file", .truncated, "\"ramp\"", bytes: withTensor { $0.offset = 1 << 40 }),
        Damage(
            "offset of 2^63", .sizeOverflow, "\"ramp\"", "9223372036854775808",
            bytes: withTensor { $0.offset = 1 << 63 }),
        Damage(
            "offset and size overflow", .sizeOverflow, "\"ramp\"",
            bytes: withTensor { $0.offset = UInt64(Int64.max) - 31 }),
        Damage(
            "tensors that overlap", .overlappingTensors, "\"ramp\"", "\"quants\"",
            bytes: withTensor { $0.offset = 64 }),
        Damage(
            "tensors in the same place", .overlappingTensors, "\"last\"", "\"ramp\"",
            bytes: GGUFWriter.changed { $0.tensors[2].offset = 0 }),
    ]

    /// The valid file with its first tensor changed.
    private static func withTensor(_ change: (inout GGUFWriter.Tensor) -> Void) -> [UInt8] {
        GGUFWriter.changed { change(&$0.tensors[0]) }
    }

    /// The valid file with only its first tensor, cut after `count` bytes of that tensor's description.
    private static func tensorCut(after count: Int) -> [UInt8] {
        var writer = GGUFWriter.valid
        writer.tensors.removeLast(2)
        writer.announcedTensors = 1
        let size = writer.header.count
        return Array(writer.header.prefix(size - 44 + count))
    }
}
