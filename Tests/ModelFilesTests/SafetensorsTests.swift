import ModelFiles
import Testing

@Suite("Safetensors files")
struct SafetensorsTests {
    @Test("tensors, metadata and floats")
    func valid() throws {
        let file = try SafetensorsFile(bytes: SafetensorsWriter.valid)
        #expect(file.byteCount == SafetensorsWriter.valid.count)
        #expect(file.metadata == ["format": "pt"])
        #expect(file.tensors.map(\.name) == ["a", "b.weight", "none"])
        let weight = try file.tensor(named: "b.weight")
        #expect(weight.info.type == .float32)
        #expect(weight.info.shape == [2, 2])
        #expect(weight.info.elementCount == 4)
        #expect(weight.withUnsafeBytes { Array($0) } == Array(4..<20))
        let expected: [UInt32] = [0x0706_0504, 0x0B0A_0908, 0x0F0E_0D0C, 0x1312_1110]
        #expect(try weight.floats().map(\.bitPattern) == expected)
        #expect(try file.tensor(named: "a").floats().map(\.bitPattern) == [0x0100_0000, 0x0302_0000])
        #expect(try file.tensor(named: "none").withUnsafeBytes { $0.count } == 0)
        #expect(file.tensor(ifPresent: "other") == nil)
    }

    @Test("half-precision numbers and a single number")
    func half() throws {
        var bytes = SafetensorsWriter.bytes(#"{"x":{"dtype":"F16","shape":[],"data_offsets":[0,2]}}"#, data: 0)
        bytes += [0x00, 0xC2]
        let view = try SafetensorsFile(bytes: bytes).tensor(named: "x")
        #expect(view.info.shape.isEmpty)
        #expect(try view.floats() == [-3])
    }

    @Test("integers are not given as floats")
    func integers() throws {
        let file = try SafetensorsFile(bytes: SafetensorsWriter.valid)
        let error = #expect(throws: ModelFileError.self) { try file.tensor(named: "none").floats() }
        #expect(error?.code == .wrongElementType)
        #expect(error?.message.contains("\"none\" is of type I64") == true)
    }

    @Test("an absent tensor is named")
    func absent() throws {
        let file = try SafetensorsFile(bytes: SafetensorsWriter.valid)
        let error = #expect(throws: ModelFileError.self) { try file.tensor(named: "b.bias") }
        #expect(error?.code == .missingTensor)
        #expect(error?.message.contains("\"b.bias\"") == true)
    }

    @Test("a header without tensors")
    func empty() throws {
        #expect(try SafetensorsFile(bytes: SafetensorsWriter.bytes("{}", data: 0)).tensors.isEmpty)
    }

    @Test("a damaged file is refused by name", arguments: damages)
    func damaged(_ damage: Damage) {
        damage.check { bytes throws(ModelFileError) in _ = try SafetensorsFile(bytes: bytes) }
    }
}

extension SafetensorsTests {
    static let damages: [Damage] = [
        Damage("empty file", .truncated, "0 bytes", bytes: []),
        Damage("cut within the length", .truncated, "length of the header", bytes: [1, 0, 0]),
        Damage(
            "header longer than the file", .truncated, "the header", "1000",
            bytes: SafetensorsWriter.bytes("{}", data: 0, announced: 1000)),
        Damage(
            "header of 2^64 - 1 bytes", .countTooLarge, "\(UInt64.max)",
            bytes: SafetensorsWriter.bytes("{}", data: 0, announced: .max)),
        Damage(
            "header over the limit", .countTooLarge, "100000001", "100000000",
            bytes: SafetensorsWriter.bytes("{}", data: 0, announced: 100_000_001)),
        Damage("header without a brace", .badHeader, "\"{\"", bytes: SafetensorsWriter.bytes("[]", data: 0)),
        Damage("header of zero bytes", .badHeader, "\"{\"", bytes: SafetensorsWriter.bytes("", data: 0)),
        Damage("header in UTF-16", .badHeader, "zero byte", bytes: SafetensorsWriter.bytes("{\0}\0", data: 0)),
        Damage("header that is no JSON", .badHeader, "JSON object", bytes: SafetensorsWriter.bytes("{\"a\":", data: 0)),
        Damage(
            "header that nests too deep", .badHeader, "3 levels",
            bytes: SafetensorsWriter.bytes(#"{"x":"# + String(repeating: "[", count: 100_000), data: 0)),
        Damage(
            "header of brackets", .badHeader, "JSON object",
            bytes: SafetensorsWriter.bytes("{" + String(repeating: "[", count: 100_000), data: 0)),
        Damage(
            "duplicate tensor", .duplicateName, "\"x\"",
            bytes: tensors(#""x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}"#, count: 2, data: 1)),
        Damage(
            "duplicate tensor spelt with an escape", .duplicateName, "\"x\"",
            bytes: SafetensorsWriter.bytes(
                #"{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
                    + #""\u0078" :{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, data: 1)),
        Damage(
            "duplicate field", .duplicateName, "\"dtype\"",
            bytes: tensors(#""x":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}"#, data: 1)),
        Damage(
            "missing field", .badHeader, "\"x\"", bytes: tensors(#""x":{"dtype":"U8","shape":[1]}"#, data: 1)),
        Damage(
            "unknown type", .unsupportedTensorType, "\"x\"", "F12",
            bytes: tensors(#""x":{"dtype":"F12","shape":[1],"data_offsets":[0,1]}"#, data: 1)),
        Damage(
            "negative dimension", .badShape, "\"x\"", "-1",
            bytes: tensors(#""x":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}"#, data: 1)),
        Damage(
            "dimension of 2^64", .badHeader, "\"x\"",
            bytes: tensors(#""x":{"dtype":"U8","shape":[18446744073709551616],"data_offsets":[0,1]}"#, data: 1)),
        Damage(
            "size that overflows", .sizeOverflow, "\"x\"", "4294967296 × 4294967296",
            bytes: tensors(#""x":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,1]}"#, data: 1)),
        Damage(
            "byte size that overflows", .sizeOverflow, "\"x\"", "F64",
            bytes: tensors(#""x":{"dtype":"F64","shape":[4611686018427387904],"data_offsets":[0,1]}"#, data: 1)),
        Damage(
            "offsets that do not fit the shape", .badShape, "\"x\"", "3 bytes", "make 4",
            bytes: tensors(#""x":{"dtype":"U8","shape":[4],"data_offsets":[0,3]}"#, data: 3)),
        Damage(
            "offsets the wrong way round", .badHeader, "\"x\"", "[4, 0]",
            bytes: tensors(#""x":{"dtype":"U8","shape":[4],"data_offsets":[4,0]}"#, data: 4)),
        Damage(
            "three offsets", .badHeader, "\"x\"", "[0, 1, 2]",
            bytes: tensors(#""x":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}"#, data: 1)),
        Damage(
            "negative offset", .badHeader, "\"x\"", "[-1, 0]",
            bytes: tensors(#""x":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}"#, data: 1)),
        Damage(
            "tensor beyond the file", .truncated, "\"x\"", "byte 4", "has 3",
            bytes: tensors(#""x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}"#, data: 3)),
        Damage(
            "overlap", .overlappingTensors, "\"y\"",
            bytes: tensors(
                #""x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"#
                    + #""y":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}"#, data: 7)),
        Damage(
            "hole at the start", .unusedBytes, "from 0 to 1", "\"x\"",
            bytes: tensors(#""x":{"dtype":"U8","shape":[4],"data_offsets":[1,5]}"#, data: 5)),
        Damage(
            "bytes left over", .unusedBytes, "from 4 to 6",
            bytes: tensors(#""x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}"#, data: 6)),
        Damage(
            "metadata that is no text", .badHeader, "__metadata__",
            bytes: SafetensorsWriter.bytes(#"{"__metadata__":{"n":1}}"#, data: 0)),
    ]

    private static func tensors(_ text: String, count: Int = 1, data: Int) -> [UInt8] {
        SafetensorsWriter.bytes("{" + Array(repeating: text, count: count).joined(separator: ",") + "}", data: data)
    }
}
