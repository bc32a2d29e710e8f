import ModelFiles
import Reporting

/// What `inspect` says of a safetensors file.
struct SafetensorsInspection {
    let text: String

    init(path: String, listsTensors: Bool) throws {
        let file = try SafetensorsFile(path: path)
        var rows = [
            ["file", "\(path), safetensors, \(Quantities.bytes(file.byteCount))"],
            ["parameters", Quantities.grouped(file.tensors.reduce(0) { $0 + $1.elementCount })],
        ]
        for key in file.metadata.keys.sorted() { rows.append([key, file.metadata[key] ?? ""]) }
        var parts = [TextTable(rows: rows).rendered(), Self.types(file)]
        if listsTensors { parts.append(Self.list(file)) }
        text = parts.joined(separator: "\n")
    }

    private static func types(_ file: SafetensorsFile) -> String {
        var rows: [[String]] = []
        for type in SafetensorsType.allCases {
            let own = file.tensors.filter { $0.type == type }
            guard !own.isEmpty else { continue }
            rows.append([
                "\(type)", "\(own.count)", Quantities.grouped(own.reduce(0) { $0 + $1.elementCount }),
                Quantities.bytes(own.reduce(0) { $0 + $1.byteCount }),
            ])
        }
        return TextTable(header: ["type", "tensors", "elements", "size"], rows: rows).rendered()
    }

    private static func list(_ file: SafetensorsFile) -> String {
        let rows = file.tensors.map { tensor in
            let shape = tensor.shape.map(String.init).joined(separator: " x ")
            return [tensor.name, "\(tensor.type)", shape, Quantities.bytes(tensor.byteCount)]
        }
        return TextTable(header: ["tensor", "type", "shape", "size"], rows: rows).rendered()
    }
}
