import ModelFiles
import Testing

@Suite("GGUF metadata")
struct MetadataTests {
    /// One value of every type, and an array of every type.
    static func every(version: UInt32) -> GGUFWriter {
        var writer = GGUFWriter()
        writer.version = version
        writer.add("u8", 0) { $0.put(UInt8.max) }
        writer.add("i8", 1) { $0.put(Int8.min) }
        writer.add("u16", 2) { $0.put(UInt16.max) }
        writer.add("i16", 3) { $0.put(Int16.min) }
        writer.add("u32", 4) { $0.put(UInt32.max) }
        writer.add("i32", 5) { $0.put(Int32.min) }
        writer.add("f32", 6) { $0.put(Float(0.1)) }
        writer.add("yes", 7) { $0.put(UInt8(1)) }
        writer.add("text", string: "zwei\nZeilen")
        writer.add("u64", 10) { $0.put(UInt64(Int64.max)) }
        writer.add("i64", 11) { $0.put(Int64.min) }
        writer.add("f64", 12) { $0.put(0.1) }
        writer.add("u8s", arrayOf: 0, count: 2) { $0.bytes += [1, 255] }
        writer.add("i8s", arrayOf: 1, count: 2) { $0.bytes += [1, 255] }
        writer.add("u16s", arrayOf: 2, count: 1) { $0.put(UInt16(40_000)) }
        writer.add("i16s", arrayOf: 3, count: 1) { $0.put(Int16(-2)) }
        writer.add("u32s", arrayOf: 4, count: 1) { $0.put(UInt32(3_000_000_000)) }
        writer.add("i32s", int32s: [-1, 0, 1])
        writer.add("f32s", floats: [1.5, -0.25])
        writer.add("flags", arrayOf: 7, count: 3) { $0.bytes += [1, 0, 1] }
        writer.add("texts", strings: ["", "a", "öö"])
        writer.add("u64s", arrayOf: 10, count: 1) { $0.put(UInt64(7)) }
        writer.add("i64s", arrayOf: 11, count: 1) { $0.put(Int64(-7)) }
        writer.add("f64s", arrayOf: 12, count: 1) { $0.put(2.5) }
        writer.add("huge", 10) { $0.put(UInt64.max) }
        return writer
    }

    @Test("every type, in versions 2 and 3", arguments: [2, 3] as [UInt32])
    func types(version: UInt32) throws {
        let file = try GGUFFile(bytes: Self.every(version: version).bytes)
        #expect(file.version == Int(version))
        let metadata = file.metadata
        #expect(metadata.keys.prefix(3) == ["u8", "i8", "u16"])
        #expect(metadata.keys.count == 25)
        #expect(try metadata.integer("u8") == 255)
        #expect(try metadata.integer("i8") == -128)
        #expect(try metadata.integer("u16") == 65_535)
        #expect(try metadata.integer("i16") == -32_768)
        #expect(try metadata.integer("u32") == 4_294_967_295)
        #expect(try metadata.integer("i32") == -2_147_483_648)
        #expect(try metadata.integer("u64") == Int.max)
        #expect(try metadata.requiredInteger("i64") == Int.min)
        #expect(try metadata.float("f32") == 0.1)
        #expect(try metadata.requiredFloat("f64") == 0.1)
        #expect(try metadata.bool("yes") == true)
        #expect(try metadata.requiredString("text") == "zwei\nZeilen")
    }

    @Test("arrays of every type, in versions 2 and 3", arguments: [2, 3] as [UInt32])
    func arrays(version: UInt32) throws {
        let metadata = try GGUFFile(bytes: Self.every(version: version).bytes).metadata
        #expect(try metadata.integers("u8s") == [1, 255])
        #expect(try metadata.integers("i8s") == [1, -1])
        #expect(try metadata.integers("u16s") == [40_000])
        #expect(try metadata.integers("i16s") == [-2])
        #expect(try metadata.integers("u32s") == [3_000_000_000])
        #expect(try metadata.integers("i32s") == [-1, 0, 1])
        #expect(try metadata.integers("u64s") == [7])
        #expect(try metadata.integers("i64s") == [-7])
        #expect(try metadata.floats("f32s") == [1.5, -0.25])
        #expect(try metadata.floats("f64s") == [2.5])
        #expect(try metadata.bools("flags") == [true, false, true])
        let texts = try metadata.requiredStrings("texts")
        #expect(texts.map { String(decoding: $0, as: UTF8.self) } == ["", "a", "öö"])
        #expect(texts.byteCount(at: 2) == 4)
        #expect(texts.text(at: 2) == "öö")
        let packed = texts.packed()
        #expect(packed.bytes == Array("aöö".utf8))
        #expect(packed.ends == [0, 1, 5])
    }

    @Test("an absent key is nil, or an error where it is required")
    func absent() throws {
        let metadata = try GGUFFile(bytes: Self.every(version: 3).bytes).metadata
        #expect(!metadata.contains("none"))
        #expect(try metadata.string("none") == nil)
        #expect(try metadata.integer("none") == nil)
        #expect(try metadata.float("none") == nil)
        #expect(try metadata.bool("none") == nil)
        #expect(try metadata.integers("none") == nil)
        #expect(try metadata.floats("none") == nil)
        #expect(try metadata.bools("none") == nil)
        #expect(metadata.description(of: "none") == nil)
        let error = #expect(throws: ModelFileError.self) { try metadata.requiredInteger("llama.block_count") }
        #expect(error?.code == .missingKey)
        #expect(error?.message.contains("\"llama.block_count\"") == true)
        #expect(throws: ModelFileError.self) { try metadata.requiredString("none") }
        #expect(throws: ModelFileError.self) { try metadata.requiredFloat("none") }
        #expect(throws: ModelFileError.self) { try metadata.requiredStrings("none") }
    }

    @Test(
        "a value of another type is refused by every accessor",
        arguments: ["u8", "f32", "yes", "text", "i32s", "f32s", "flags", "texts"])
    func wrongTypes(key: String) throws {
        let metadata = try GGUFFile(bytes: Self.every(version: 3).bytes).metadata
        let accessors: [(String, () throws -> Void)] = [
            ("u8", { _ = try metadata.integer(key) }), ("f32", { _ = try metadata.float(key) }),
            ("yes", { _ = try metadata.bool(key) }), ("text", { _ = try metadata.string(key) }),
            ("i32s", { _ = try metadata.integers(key) }), ("f32s", { _ = try metadata.floats(key) }),
            ("flags", { _ = try metadata.bools(key) }), ("texts", { _ = try metadata.strings(key) }),
        ]
        for (own, accessor) in accessors {
            if own == key {
                try accessor()
            } else {
                let error = #expect(throws: ModelFileError.self) { try accessor() }
                #expect(error?.code == .wrongElementType)
                #expect(error?.message.contains("\"\(key)\"") == true)
            }
        }
    }

    @Test("a number beyond Int is refused")
    func huge() throws {
        let metadata = try GGUFFile(bytes: Self.every(version: 3).bytes).metadata
        let error = #expect(throws: ModelFileError.self) { try metadata.integer("huge") }
        #expect(error?.code == .valueOutOfRange)
        #expect(error?.message.contains("\"huge\" holds 18446744073709551615") == true)
    }

    @Test("values are described on one line")
    func descriptions() throws {
        var writer = Self.every(version: 3)
        writer.add("long", string: String(repeating: "ö", count: 500))
        writer.add("many", int32s: Array(1...20))
        writer.add("words", strings: (1...9).map { "w\($0)" })
        writer.add("escape", string: "\u{1B}[31mred")
        let metadata = try GGUFFile(bytes: writer.bytes).metadata
        #expect(metadata.description(of: "u8") == "255")
        #expect(metadata.description(of: "i64") == "-9223372036854775808")
        #expect(metadata.description(of: "huge") == "18446744073709551615")
        #expect(metadata.description(of: "f32") == "0.1")
        #expect(metadata.description(of: "yes") == "true")
        #expect(metadata.description(of: "text") == #""zwei\nZeilen""#)
        #expect(metadata.description(of: "flags") == "[true, false, true]")
        #expect(metadata.description(of: "long") == "\"" + String(repeating: "ö", count: 120) + "\"… (1000 bytes)")
        #expect(metadata.description(of: "many") == "[1, 2, 3, 4, 5, 6, 7, 8, … 20 in all]")
        #expect(metadata.description(of: "words") == #"["w1", "w2", "w3", "w4", … 9 in all]"#)
        #expect(metadata.description(of: "escape") == #""\u{1B}[31mred""#)
        #expect(metadata.typeDescription(of: "many") == "array of 20 int32")
        #expect(metadata.typeDescription(of: "text") == "string")
    }
}
