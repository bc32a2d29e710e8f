import CKernels
import ModelFiles

/// A weight matrix [rows, columns], repacked into panels of 8 rows in the order in which the kernels stream it. The
/// values are those of the model file.
final class PackedMatrix: @unchecked Sendable {
    // Unchecked: written once while it is built, then only read.
    let rows: Int
    let columns: Int
    let format: tw_format
    let panels: Int
    let byteCount: Int
    private let storage: UnsafeMutableRawPointer

    /// Rows rounded up to whole panels: the row stride that outputs need.
    var paddedRows: Int { panels * Int(TW_PANEL) }
    /// Whether 8-bit activations can be used with it.
    var isQuantised: Bool { format != TW_FORMAT_F32 }
    var base: UnsafeRawPointer { UnsafeRawPointer(storage) }

    /// Repacks a tensor of the file, then lets go of the file's pages.
    init(_ tensor: TensorView, team: ThreadTeam) throws {
        let info = tensor.info
        precondition(info.shape.count == 2)
        columns = info.shape[0]
        rows = info.shape[1]
        let type = tw_type(rawValue: .init(info.type.rawValue))
        var format = TW_FORMAT_F32
        guard tw_format_for_type(type, &format) else {
            throw TransformerError(.badTensor, "'\(info.name)' has type \(info.type), which no kernel computes with")
        }
        self.format = format
        let panels = (info.shape[1] + Int(TW_PANEL) - 1) / Int(TW_PANEL)
        self.panels = panels
        byteCount = panels * Int(tw_panel_bytes(format, Int64(columns)))
        storage = .allocate(byteCount: max(64, byteCount), alignment: 64)
        nonisolated(unsafe) let target = storage
        let (n, k) = (Int64(rows), Int64(columns))
        let rowBytes = Int64(info.byteCount / rows)
        tensor.withUnsafeBytes { source in
            nonisolated(unsafe) let source = source
            team.split(panels) { range in
                let (begin, end) = (Int64(range.lowerBound), Int64(range.upperBound))
                tw_pack(type, source.baseAddress, rowBytes, n, k, begin, end, target)
            }
        }
        tensor.forget()
    }

    deinit { storage.deallocate() }

    /// Row `row` as f32; `out` has room for `columns` values.
    func copyRow(_ row: Int, to out: UnsafeMutablePointer<Float>) {
        precondition((0..<rows).contains(row))
        tw_unpack_row(format, base, Int64(columns), Int64(row), out)
    }
}
