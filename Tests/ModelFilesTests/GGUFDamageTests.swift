import ModelFiles
import Testing

@Suite("Damaged GGUF files")
struct GGUFDamageTests {
    @Test("the undamaged file opens")
    func valid() throws {
        let file = try GGUFFile(bytes: GGUFWriter.valid.bytes)
        #expect(file.tensors.map(\.name) == ["ramp", "quants", "last"])
        #expect(try file.vocabulary().tokens.count == 4)
    }

    @Test("a damaged header is refused by name", arguments: headers + metadata)
    func header(_ damage: Damage) {
        damage.check { bytes throws(ModelFileError) in _ = try GGUFFile(bytes: bytes) }
    }

    @Test("a damaged tensor description is refused by name", arguments: tensors)
    func tensor(_ damage: Damage) {
        damage.check { bytes throws(ModelFileError) in _ = try GGUFFile(bytes: bytes) }
    }

    @Test("a vocabulary that contradicts itself is refused by name", arguments: vocabularies)
    func vocabulary(_ damage: Damage) {
        damage.check { bytes throws(ModelFileError) in
            let checkpoint = GGUFCheckpoint(try GGUFFile(bytes: bytes))
            _ = try checkpoint.vocabulary()
            _ = try checkpoint.chatTemplate()
        }
    }

    static let headers: [Damage] = [
        Damage("empty file", .truncated, "empty", "0 bytes", bytes: []),
        Damage("magic cut short", .truncated, "magic number", bytes: Array("GGU".utf8)),
        Damage("wrong magic", .notAModelFile, "GGML", bytes: GGUFWriter.changed { $0.magic = Array("GGML".utf8) }),
        Damage("no version", .truncated, "the version", "offset 4", bytes: Array("GGUF".utf8)),
        Damage("version 0", .unsupportedVersion, "version 0", bytes: GGUFWriter.changed { $0.version = 0 }),
        Damage("version 1", .unsupportedVersion, "version 1;", "2 and 3", bytes: GGUFWriter.changed { $0.version = 1 }),
        Damage("version 99", .unsupportedVersion, "version 99", bytes: GGUFWriter.changed { $0.version = 99 }),
        Damage("big-endian", .bigEndian, "version 3", bytes: GGUFWriter.changed { $0.version = 0x0300_0000 }),
        Damage("cut within the tensor count", .truncated, "number of tensors", bytes: cut(10)),
        Damage(
            "cut within the entry count", .truncated, "number of metadata entries",
            bytes: Array(GGUFWriter().bytes.prefix(20))),
        Damage(
            "tensor count of 2^64 - 1", .countTooLarge, "number of tensors", "\(UInt64.max)",
            bytes: GGUFWriter.changed { $0.announcedTensors = .max }),
        Damage(
            "more tensors than bytes", .countTooLarge, "number of tensors is 1000", "at most",
            bytes: GGUFWriter.changed { $0.announcedTensors = 1000 }),
        Damage(
            "entry count of 2^63", .countTooLarge, "number of metadata entries", "9223372036854775808",
            bytes: GGUFWriter.changed { $0.announcedEntries = 1 << 63 }),
        Damage(
            "one entry too many", .countTooLarge, "name of tensor 0",
            bytes: GGUFWriter.changed { $0.announcedEntries = 10 }),
    ]

    static let metadata: [Damage] = [
        Damage(
            "key longer than the file", .countTooLarge, "length of metadata key 0", "5000",
            bytes: rawEntry { writer in writer.put(UInt64(5000)) }),
        Damage("empty key", .invalidText, "metadata key 0 is empty", bytes: withKey([])),
        Damage("key not UTF-8", .invalidText, "metadata key 0", "not UTF-8", bytes: withKey([0x61, 0xFF])),
        Damage(
            "key of 70000 bytes", .countTooLarge, "metadata key 0", "70000", "65535",
            bytes: withKey([UInt8](repeating: 0x61, count: 70_000))),
        Damage(
            "duplicate key", .duplicateName, "general.architecture",
            bytes: GGUFWriter.changed { $0.add("general.architecture", string: "llama") }),
        Damage(
            "unknown value type", .unknownValueType, "\"odd\"", "13",
            bytes: GGUFWriter.changed { $0.add("odd", 13) { $0.put(UInt32(0)) } }),
        Damage(
            "unknown element type", .unknownValueType, "element type", "\"odd\"", "77",
            bytes: GGUFWriter.changed { $0.add("odd", arrayOf: 77, count: 0) { _ in } }),
        Damage(
            "nested array", .nestedArray, "\"odd\"",
            bytes: GGUFWriter.changed { $0.add("odd", arrayOf: 9, count: 1) { $0.put(UInt64(0)) } }),
        Damage(
            "bool of 2", .valueOutOfRange, "\"odd\"", "truth value 2",
            bytes: GGUFWriter.changed { $0.add("odd", 7) { $0.put(UInt8(2)) } }),
        Damage(
            "bool of 255 in an array", .valueOutOfRange, "\"odd\"", "truth value 255",
            bytes: GGUFWriter.changed { $0.add("odd", arrayOf: 7, count: 3) { $0.bytes += [0, 1, 255] } }),
        Damage(
            "string longer than the file", .countTooLarge, "\"odd\"", "4096",
            bytes: GGUFWriter.changed { $0.add("odd", 8) { $0.put(UInt64(4096)) } }),
        Damage(
            "string of 2^64 - 1 bytes", .countTooLarge, "\"odd\"", "\(UInt64.max)",
            bytes: GGUFWriter.changed { $0.add("odd", 8) { $0.put(UInt64.max) } }),
        Damage(
            "array of 2^61 eight-byte numbers", .countTooLarge, "\"odd\"", "\(1 << 61)",
            bytes: GGUFWriter.changed { $0.add("odd", arrayOf: 10, count: 1 << 61) { _ in } }),
        Damage(
            "array of 10^9 strings", .countTooLarge, "\"odd\"", "1000000000",
            bytes: GGUFWriter.changed { $0.add("odd", arrayOf: 8, count: 1_000_000_000) { _ in } }),
        Damage(
            "string in an array longer than the file", .countTooLarge, "string 1 of", "\"odd\"", "9999",
            bytes: GGUFWriter.changed { writer in
                writer.add("odd", arrayOf: 8, count: 2) { writer in
                    writer.put(string: [0x61])
                    writer.put(UInt64(9999))
                }
            }),
        Damage("alignment 0", .badAlignment, "general.alignment", "is 0", bytes: withAlignment(0)),
        Damage("alignment 3", .badAlignment, "general.alignment", "is 3", bytes: withAlignment(3)),
        Damage("alignment 2^31", .badAlignment, "general.alignment", "1048576", bytes: withAlignment(1 << 31)),
        Damage(
            "alignment as text", .wrongElementType, "general.alignment", "string", "integer",
            bytes: GGUFWriter.changed { writer in
                writer.replace("general.alignment") { $0.add("general.alignment", string: "32") }
            }),
    ]

    /// The first `count` bytes of the valid file.
    private static func cut(_ count: Int) -> [UInt8] {
        Array(GGUFWriter.valid.bytes.prefix(count))
    }

    /// A file whose only entry begins with what `body` puts, with room behind it.
    private static func rawEntry(_ body: (inout ByteWriter) -> Void) -> [UInt8] {
        var writer = GGUFWriter()
        writer.announcedEntries = 1
        return writer.bytes + ByteWriter.bytes(body) + [UInt8](repeating: 0, count: 64)
    }

    private static func withKey(_ key: [UInt8]) -> [UInt8] {
        rawEntry { writer in
            writer.put(string: key)
            writer.put(UInt32(0))
            writer.put(UInt8(0))
        }
    }

    private static func withAlignment(_ alignment: UInt32) -> [UInt8] {
        GGUFWriter.changed { $0.replace("general.alignment") { $0.add("general.alignment", uint32: alignment) } }
    }
}
