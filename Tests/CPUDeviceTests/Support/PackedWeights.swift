import CKernels
import ModelFiles
import TestTools
import TinyModels

/// A weight matrix in panels, with its values by definition beside it.
final class PackedWeights {
    let type: TensorType
    let rows: Int
    let columns: Int
    let format: tw_format
    let panels: UnsafeMutableRawPointer
    /// [rows][columns]: what the stored blocks stand for, by ModelFiles.
    let values: [Float]

    var panelCount: Int { Self.panels(rows) }
    var paddedRows: Int { panelCount * Self.panelRows }

    /// Output rows of one panel.
    static let panelRows = Int(TW_PANEL)

    private static func panels(_ rows: Int) -> Int { (rows + panelRows - 1) / panelRows }

    init(_ type: TensorType, rows: Int, columns: Int, bytes: [UInt8]) throws {
        self.type = type
        self.rows = rows
        self.columns = columns
        let kind = tw_type(rawValue: .init(type.rawValue))
        var format = TW_FORMAT_F32
        precondition(tw_format_for_type(kind, &format))
        self.format = format
        let panelCount = Self.panels(rows)
        let size = panelCount * Int(tw_panel_bytes(format, Int64(columns)))
        panels = .allocate(byteCount: size, alignment: 64)
        panels.initializeMemory(as: UInt8.self, repeating: 0xA5, count: size)
        let rowBytes = Int64(bytes.count / rows)
        tw_pack(kind, bytes, rowBytes, Int64(rows), Int64(columns), 0, Int64(panelCount), panels)
        values = try Dequantize.floats(bytes, type: type)
    }

    convenience init(_ type: TensorType, rows: Int, columns: Int, seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let tensor = GGUFBuilder.Tensor.random(type, rows: rows, columns: columns, deviation: 0.5, using: &random)
        try self.init(type, rows: rows, columns: columns, bytes: tensor.bytes)
    }

    deinit { panels.deallocate() }

    /// Rows past the end of a matrix whose rows are no multiple of the panel are left out, as they are zero.
    func row(_ index: Int) -> ArraySlice<Float> { values[index * columns..<(index + 1) * columns] }

    /// [rows of x][paddedRows] with 8-bit activations.
    func multiply(
        _ x: QuantisedRows, with kernels: KernelSet, panels range: Range<Int>? = nil, onto start: [Float]? = nil
    ) -> [Float] {
        var y = start ?? [Float](repeating: .nan, count: x.rows * paddedRows)
        let range = range ?? 0..<panelCount
        let rows = Int64(x.rows)
        var x = x
        x.withRows { input in
            kernels.table.gemm_quantised(
                format, panels, Int64(range.lowerBound), Int64(range.upperBound), Int64(columns), input, rows, &y,
                Int64(paddedRows), start != nil)
        }
        return y
    }

    /// [rows of x][paddedRows] with f32 activations.
    func multiply(
        _ x: [Float], with kernels: KernelSet, panels range: Range<Int>? = nil, onto start: [Float]? = nil
    ) -> [Float] {
        let rows = x.count / columns
        var y = start ?? [Float](repeating: .nan, count: rows * paddedRows)
        var scratch = [Float](repeating: .nan, count: columns * Self.panelRows)
        let range = range ?? 0..<panelCount
        kernels.table.gemm_f32(
            format, panels, Int64(range.lowerBound), Int64(range.upperBound), Int64(columns), x, Int64(rows), &y,
            Int64(paddedRows), start != nil, &scratch)
        return y
    }
}
