import ModelFiles
import Reporting

/// What `inspect` shows of a safetensors file.
struct SafetensorsInspection {
    let text: String

    init(path: String, listsTensors: Bool) throws {
        let file = try SafetensorsFile(path: path)
        var rows = [
            ["file", "\(path), safetensors, \(Quantities.bytes(file.byteCount))"],
            ["parameters", Quantities.grouped(file.tensors.reduce(0) { $0 + $1.elementCount })],
        ]
        for key in file.metadata.keys.sorted() { rows.append([key, file.metadata[key] ?? ""]) }
        var parts = [TextTable(rows: rows).rendered(), TensorTables.types(file.tensors)]
        if listsTensors { parts.append(TensorTables.list(file.tensors)) }
        text = parts.joined(separator: "\n")
    }
}
