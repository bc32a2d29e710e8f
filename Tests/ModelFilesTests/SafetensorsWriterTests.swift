import ModelFiles
import Testing

@Suite("Writing safetensors files")
struct SafetensorsWriterTests {
    private typealias Writer = ModelFiles.SafetensorsWriter

    @Test func tensorsAndTextsComeBack() throws {
        let texts = ["plain": "text", "quo\"te": "back\\slash\n\u{0}\u{1F}", "": "Ωμέγα 🌊", "json": "{\"a\": [1]}"]
        var writer = Writer(metadata: texts)
        let numbers: [Float] = [1, -0.0, .pi, .infinity, -.leastNonzeroMagnitude, 3e38]
        writer.add("b", shape: [2, 3], numbers)
        writer.add("a \"b\"\t", shape: [], [7])
        writer.add("none", shape: [0, .max, .max], [])
        writer.add("last", shape: [1], [.nan])
        let file = try SafetensorsFile(bytes: writer.bytes)
        #expect(file.metadata == texts)
        #expect(Set(file.tensors.map(\.name)) == ["b", "a \"b\"\t", "none", "last"])
        let back = try file.tensor(named: "b")
        #expect(back.info.shape == [2, 3])
        #expect(back.info.type == .float32)
        #expect(try back.floats().map(\.bitPattern) == numbers.map(\.bitPattern))
        #expect(back.info.fileOffset % 8 == 0)
        #expect(try file.tensor(named: "a \"b\"\t").floats() == [7])
        #expect(try file.tensor(named: "none").info.shape == [0, .max, .max])
        #expect(try file.tensor(named: "last").floats()[0].isNaN)
    }

    @Test func equalContentsAreEqualBytes() {
        let names = (0..<40).map { "name \($0)" }
        let first = Writer(metadata: Dictionary(uniqueKeysWithValues: names.map { ($0, $0) }))
        let second = Writer(metadata: Dictionary(uniqueKeysWithValues: names.reversed().map { ($0, $0) }))
        #expect(first.bytes == second.bytes)
    }

    @Test func nothingIsAFileToo() throws {
        let file = try SafetensorsFile(bytes: Writer().bytes)
        #expect(file.tensors.isEmpty && file.metadata.isEmpty)
        #expect(Writer().bytes == [8, 0, 0, 0, 0, 0, 0, 0] + Array("{}      ".utf8))
    }
}
