import Foundation
import ModelFiles
import TestTools
import Testing

@Suite("Dequantisation")
struct DequantizeTests {
    /// Stored blocks and the floats that gguf-py makes of them; written by Scripts/make_dequantize_fixture.py.
    struct Vector: Decodable {
        let type: String
        let bytes: String
        let floats: String
    }

    static func vectors() throws -> [Vector] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appendingPathComponent("Fixtures/dequantize.json"))
        return try JSONDecoder().decode([Vector].self, from: data)
    }

    @Test("every type agrees bit for bit with gguf-py", arguments: TensorType.allCases)
    func vectors(type: TensorType) throws {
        let vector = try #require(try Self.vectors().first { $0.type == type.name })
        let bytes = try #require(decodeHex(vector.bytes))
        let expected = floatBits(try #require(decodeHex(vector.floats)))
        #expect(try Dequantize.floats(bytes, type: type).map(\.bitPattern) == expected)
        #expect(expected.count == bytes.count / type.bytesPerBlock * type.elementsPerBlock)
    }

    @Test("a tensor gives the same floats whole and by rows", arguments: TensorType.allCases)
    func rows(type: TensorType) throws {
        var random = SplitMix(seed: UInt64(type.rawValue))
        let (rowCount, columnCount) = (5, 2 * type.elementsPerBlock)
        let size = rowCount * 2 * type.bytesPerBlock
        let data = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
        var writer = GGUFWriter()
        writer.addTensor("first", shape: [1], data: [0, 0, 0, 0])
        writer.addTensor("x", shape: [UInt64(columnCount), 5], type: type.rawValue, data: data)
        let view = try GGUFFile(bytes: writer.bytes).tensor(named: "x")
        #expect(view.info.rowCount == rowCount)
        #expect(view.info.bytesPerRow == 2 * type.bytesPerBlock)
        let all = Dequantize.floats(view).map(\.bitPattern)
        #expect(all == (try Dequantize.floats(data, type: type).map(\.bitPattern)))
        let middle = try Dequantize.floats(view, rows: 1..<4).map(\.bitPattern)
        #expect(middle == Array(all[columnCount..<4 * columnCount]))
        #expect(try Dequantize.floats(view, rows: 2..<2).isEmpty)
    }

    @Test("rows outside the tensor are refused")
    func rowsOutside() throws {
        let view = try GGUFFile(bytes: GGUFWriter.valid.bytes).tensor(named: "ramp")
        let error = #expect(throws: ModelFileError.self) { try Dequantize.floats(view, rows: 1..<4) }
        #expect(error?.code == .badShape)
        #expect(error?.message.contains("\"ramp\"") == true)
        #expect(throws: ModelFileError.self) { try Dequantize.floats(view, rows: -1..<1) }
    }

    @Test("a part of a block is refused", arguments: TensorType.allCases)
    func partOfBlock(type: TensorType) {
        let bytes = [UInt8](repeating: 0, count: type.bytesPerBlock + 1)
        #expect(throws: ModelFileError.self) { try Dequantize.floats(bytes, type: type) }
    }

    #if !(os(macOS) && arch(x86_64))
        @Test("all 65,536 half-precision numbers")
        func halves() throws {
            let bytes = ByteWriter.bytes { writer in
                for bits in UInt16.min...UInt16.max { writer.put(bits) }
            }
            for (bits, float) in zip(UInt16.min...UInt16.max, try Dequantize.floats(bytes, type: .f16)) {
                let expected = Float(Float16(bitPattern: bits))
                if expected.isNaN {
                    #expect(float.isNaN)
                } else {
                    #expect(float.bitPattern == expected.bitPattern)
                }
            }
        }
    #endif

    private func floatBits(_ bytes: [UInt8]) -> [UInt32] {
        stride(from: 0, to: bytes.count, by: 4).map { start in
            (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
        }
    }

    private func decodeHex(_ text: String) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
