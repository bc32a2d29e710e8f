import CKernels
import ModelFiles
import TestTools
import Testing
import TinyModels

@Suite("Packing")
struct PackingTests {
    /// scale * q is exact in f32 for every type, so that scale * q + minimum rounds once and in the same way whatever
    /// the order: the values are equal, not only close. The sign of a zero may differ (-8 * scale is added, not 8
    /// taken from q), which no product can tell.
    @Test("an unpacked row has the values of the file", arguments: TensorType.allCases)
    func unpack(type: TensorType) throws {
        for rows in [1, 8, 15, 16, 17, 31, 32, 40] {
            let columns = max(2 * type.elementsPerBlock, 40)
            let weights = try PackedWeights(type, rows: rows, columns: columns, seed: UInt64(rows))
            for row in 0..<rows {
                var out = [Float](repeating: .nan, count: columns)
                tw_unpack_row(weights.format, weights.panels, Int64(columns), Int64(row), &out)
                #expect(out == Array(weights.row(row)))
            }
        }
    }

    @Test("rows past the end are zero", arguments: TensorType.allCases)
    func padding(type: TensorType) throws {
        let columns = 256
        for rows in [1, 9, 17, 31] {
            let weights = try PackedWeights(type, rows: rows, columns: columns, seed: 3)
            for row in rows..<weights.paddedRows {
                var out = [Float](repeating: .nan, count: columns)
                tw_unpack_row(weights.format, weights.panels, Int64(columns), Int64(row), &out)
                #expect(out.allSatisfy { $0 == 0 })
            }
        }
    }

    @Test("panels packed part by part are those packed at once", arguments: TensorType.allCases)
    func parts(type: TensorType) throws {
        var random = SplitMix(seed: 21)
        let (rows, columns) = (69, 256)
        let tensor = GGUFBuilder.Tensor.random(type, rows: rows, columns: columns, deviation: 1, using: &random)
        let whole = try PackedWeights(type, rows: rows, columns: columns, bytes: tensor.bytes)
        let size = whole.panelCount * Int(tw_panel_bytes(whole.format, Int64(columns)))
        var parts = [UInt8](repeating: 0xEE, count: size)
        let kind = tw_type(rawValue: .init(type.rawValue))
        for panel in (0..<Int64(whole.panelCount)).reversed() {
            tw_pack(
                kind, tensor.bytes, Int64(tensor.bytes.count / rows), Int64(rows), Int64(columns), panel, panel + 1,
                &parts)
        }
        let expected = UnsafeRawBufferPointer(start: whole.panels, count: size)
        #expect(parts.elementsEqual(expected))
    }

    /// A decode step of few sequences takes as long as reading the weights does.
    @Test("packed weights are as small as those of the file, but for the numbers of 6 bits of Q4_K and Q5_K")
    func sizes() throws {
        for type in TensorType.allCases where type.elementsPerBlock > 1 {
            var format = TW_FORMAT_F32
            try #require(tw_format_for_type(tw_type(rawValue: .init(type.rawValue)), &format))
            for columns in [256, 768, 2048] {
                let rowsOfFile = PackedWeights.panelRows * columns / type.elementsPerBlock * type.bytesPerBlock
                // Of 32 columns, 12 bits that hold two numbers become 16.
                let more = type == .q4_K || type == .q5_K ? PackedWeights.panelRows * columns / 64 : 0
                #expect(Int(tw_panel_bytes(format, Int64(columns))) == rowsOfFile + more, "\(type)")
            }
        }
        #expect(tw_panel_bytes(TW_FORMAT_S8, 64) == 16 * 64 / 32 * 36)
        #expect(tw_panel_bytes(TW_FORMAT_F32, 40) == 16 * 40 * 4)
    }

    @Test("every type of ModelFiles can be packed, and no other")
    func types() {
        var format = TW_FORMAT_F32
        for type in TensorType.allCases {
            #expect(tw_format_for_type(tw_type(rawValue: .init(type.rawValue)), &format), "\(type)")
        }
        for unknown: UInt32 in [4, 5, 9, 10, 16, 31, 99] {
            #expect(!tw_format_for_type(tw_type(rawValue: .init(unknown)), &format))
        }
    }
}
