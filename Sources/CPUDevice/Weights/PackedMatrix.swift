import CKernels
import ModelFiles
import Platform

/// A weight matrix [rows, columns], repacked into panels of 16 rows in the order in which the kernels stream it. The
/// values are those of the model file. The matrix may be part of a larger one and share its memory.
package struct PackedMatrix: Sendable {
    let rows: Int
    let columns: Int
    let format: tw_format
    package let panels: Int
    private let memory: PackedMemory.Piece
    private let firstPanel: Int
    let panelBytes: Int

    /// Bytes of the matrix's panels.
    var byteCount: Int { panels * panelBytes }
    /// Whether the kernels can multiply the matrix with 8-bit activations.
    var isQuantised: Bool { format != TW_FORMAT_F32 }
    var base: UnsafeRawPointer { UnsafeRawPointer(memory.base) + firstPanel * panelBytes }

    /// Repacks neighbouring rows of a tensor of the file, then releases the file's pages.
    init(_ tensor: TensorView, rows range: Range<Int>, memory store: PackedMemory, team: ThreadTeam) throws {
        let info = tensor.info
        precondition(info.shape.count == 2 && range.lowerBound >= 0 && range.upperBound <= info.shape[1])
        let type = tw_type(rawValue: .init(info.type.rawValue))
        var format = TW_FORMAT_F32
        guard tw_format_for_type(type, &format) else {
            throw DeviceError(.badTensor, "'\(info.name)' has type \(info.type), which no kernel computes with")
        }
        try self.init(rows: range.count, columns: info.shape[0], format: format, memory: store)
        nonisolated(unsafe) let target = memory.base
        let (n, k) = (Int64(rows), Int64(columns))
        let rowBytes = info.byteCount / info.shape[1]
        let panels = self.panels
        tensor.withUnsafeBytes { source in
            nonisolated(unsafe) let first = source.baseAddress! + range.lowerBound * rowBytes
            team.split(panels) { range in
                let (begin, end) = (Int64(range.lowerBound), Int64(range.upperBound))
                tw_pack(type, first, Int64(rowBytes), n, k, begin, end, target)
            }
        }
        tensor.forget()
    }

    /// Packs f32 values [rows, columns]: as they are, or rounded to 8 bits in blocks of 32 columns with one scale each.
    /// - Parameter columns: a multiple of 32 if the values are rounded.
    package init(
        _ values: [Float], rows: Int, columns: Int, rounded: Bool, memory store: PackedMemory, team: ThreadTeam
    ) throws(DeviceError) {
        precondition(values.count == rows * columns && (!rounded || columns % Int(TW_BLOCK) == 0))
        try self.init(rows: rows, columns: columns, format: rounded ? TW_FORMAT_S8 : TW_FORMAT_F32, memory: store)
        nonisolated(unsafe) let target = memory.base
        let (n, k) = (Int64(rows), Int64(columns))
        let panels = self.panels
        values.withUnsafeBufferPointer { values in
            nonisolated(unsafe) let first = values.baseAddress!
            team.split(panels) { range in
                let (begin, end) = (Int64(range.lowerBound), Int64(range.upperBound))
                if rounded {
                    tw_pack_rounded(first, n, k, begin, end, target)
                } else {
                    tw_pack(TW_TYPE_F32, first, 4 * k, n, k, begin, end, target)
                }
            }
        }
    }

    /// Reserves memory for the panels; the caller writes them.
    private init(rows: Int, columns: Int, format: tw_format, memory store: PackedMemory) throws(DeviceError) {
        self.rows = rows
        self.columns = columns
        self.format = format
        panels = Self.panels(holding: rows)
        panelBytes = Int(tw_panel_bytes(format, Int64(columns)))
        firstPanel = 0
        memory = try store.take(panels * panelBytes)
    }

    private init(_ whole: PackedMatrix, panels range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= whole.panels)
        rows = min(range.upperBound * Int(TW_PANEL), whole.rows) - range.lowerBound * Int(TW_PANEL)
        columns = whole.columns
        format = whole.format
        panels = range.count
        memory = whole.memory
        firstPanel = whole.firstPanel + range.lowerBound
        panelBytes = whole.panelBytes
    }

    /// Neighbouring panels as a matrix of its own, without a copy. Not for an empty range.
    func panels(_ range: Range<Int>) -> PackedMatrix { PackedMatrix(self, panels: range) }

    /// Panels that `rows` rows fill.
    package static func panels(holding rows: Int) -> Int { (rows + Int(TW_PANEL) - 1) / Int(TW_PANEL) }

    /// Row `row` as f32; `out` has room for `columns` values.
    func copyRow(_ row: Int, to out: UnsafeMutablePointer<Float>) {
        precondition((0..<rows).contains(row))
        tw_unpack_row(format, base, Int64(columns), Int64(row), out)
    }
}
