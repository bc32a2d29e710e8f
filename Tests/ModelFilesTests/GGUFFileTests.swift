import ModelFiles
import TestTools
import Testing

@Suite("GGUF files")
struct GGUFFileTests {
    @Test("tensors in the file's order, with shapes, places and bytes", arguments: [2, 3] as [UInt32])
    func tensors(version: UInt32) throws {
        let bytes = GGUFWriter.changed { $0.version = version }
        let file = try GGUFFile(bytes: bytes)
        #expect(file.byteCount == bytes.count)
        #expect(file.tensors.map(\.name) == ["ramp", "quants", "last"])
        let ramp = try file.tensor(named: "ramp")
        #expect(ramp.info.type == .f32)
        #expect(ramp.info.shape == [4, 3])
        #expect(ramp.info.columnCount == 4)
        #expect(ramp.info.rowCount == 3)
        #expect(ramp.info.elementCount == 12)
        #expect(ramp.info.byteCount == 48)
        #expect(ramp.info.fileOffset.isMultiple(of: 32))
        #expect(Dequantize.floats(ramp) == (0..<12).map { Float($0) })
        #expect(ramp.withUnsafeBytes(ofRows: 1..<2) { $0[3] } == 0x40)
        let quants = try file.tensor(named: "quants")
        #expect(quants.withUnsafeBytes { Array($0) } == Array(0..<34))
        #expect(quants.info.type.name == "Q8_0")
    }

    @Test("an absent tensor is nil, or an error that names it")
    func absent() throws {
        let file = try GGUFFile(bytes: GGUFWriter.valid.bytes)
        #expect(file.tensor(ifPresent: "output.weight") == nil)
        let error = #expect(throws: ModelFileError.self) { try file.tensor(named: "output.weight") }
        #expect(error?.code == .missingTensor)
        #expect(error?.message.contains("\"output.weight\"") == true)
    }

    @Test("a file without tensors or metadata")
    func empty() throws {
        let file = try GGUFFile(bytes: GGUFWriter().bytes)
        #expect(file.tensors.isEmpty)
        #expect(file.metadata.keys.isEmpty)
        #expect(throws: ModelFileError.self) { try file.vocabulary() }
    }

    @Test("another alignment moves the data")
    func alignment() throws {
        var writer = GGUFWriter()
        writer.alignment = 256
        writer.add("general.alignment", uint32: 256)
        writer.addTensor("x", shape: [2], data: [0, 0, 128, 63, 0, 0, 0, 64])
        let view = try GGUFFile(bytes: writer.bytes).tensor(named: "x")
        #expect(view.info.fileOffset == 256)
        #expect(Dequantize.floats(view) == [1, 2])
    }

    @Test("a file by its path: the same contents, before and after its pages are forgotten")
    func path() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("model.gguf", GGUFWriter.valid.bytes)
        let file = try GGUFFile(path: path)
        let view = try file.tensor(named: "ramp")
        let before = Dequantize.floats(view)
        view.forget()
        file.file.forget(-5..<1 << 40)
        #expect(Dequantize.floats(view) == before)
        #expect(readEverything(file) == readEverything(try GGUFFile(bytes: GGUFWriter.valid.bytes)))
    }

    @Test("a view outlives the file value and the file's name")
    func lifetime() throws {
        let view: TensorView
        do {
            let folder = try TemporaryFolder()
            view = try GGUFFile(path: folder.write("model.gguf", GGUFWriter.valid.bytes)).tensor(named: "ramp")
        }
        #expect(Dequantize.floats(view)[11] == 11)
    }

    @Test("what is no file is refused with its path")
    func noFile() throws {
        let folder = try TemporaryFolder()
        expectError(.ioFailure, "cannot open", path: folder.path + "/absent.gguf")
        expectError(.ioFailure, "a directory", path: folder.path)
        expectError(.ioFailure, "a device, pipe or socket", path: "/dev/null")
        expectError(.truncated, "0 bytes", path: try folder.write("empty.gguf", []))
        expectError(.notAModelFile, "\"text\"", path: try folder.write("text.gguf", Array("text".utf8)))
    }

    private func expectError(_ code: ModelFileError.Code, _ mention: String, path: String) {
        let gguf = #expect(throws: ModelFileError.self) { try GGUFFile(path: path) }
        #expect(gguf?.code == code)
        #expect(gguf?.description.hasPrefix(path + ": ") == true)
        #expect(gguf?.message.contains(mention) == true, "\(String(describing: gguf))")
        let safetensors = #expect(throws: ModelFileError.self) { try SafetensorsFile(path: path) }
        #expect(safetensors?.path == path)
    }
}
