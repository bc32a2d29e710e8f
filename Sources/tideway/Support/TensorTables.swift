import ModelFiles
import Reporting

/// A tensor of a model file of any format.
protocol ListedTensor {
    associatedtype Format: CaseIterable & Equatable
    var name: String { get }
    var type: Format { get }
    var shape: [Int] { get }
    var elementCount: Int { get }
    var byteCount: Int { get }
}

extension TensorInfo: ListedTensor {}
extension SafetensorsInfo: ListedTensor {}

/// What `inspect` shows of a file's tensors.
enum TensorTables {
    /// The number of tensors of each type, and their sizes.
    static func types<Tensor: ListedTensor>(_ tensors: [Tensor]) -> String {
        let rows = Tensor.Format.allCases.compactMap { type -> [String]? in
            let own = tensors.filter { $0.type == type }
            guard !own.isEmpty else { return nil }
            return [
                "\(type)", "\(own.count)", Quantities.grouped(own.reduce(0) { $0 + $1.elementCount }),
                Quantities.bytes(own.reduce(0) { $0 + $1.byteCount }),
            ]
        }
        return TextTable(header: ["type", "tensors", "elements", "size"], rows: rows).rendered()
    }

    /// A line for each tensor.
    static func list(_ tensors: [some ListedTensor]) -> String {
        let rows = tensors.map { tensor in
            let shape = tensor.shape.map(String.init).joined(separator: " x ")
            return [tensor.name, "\(tensor.type)", shape, Quantities.bytes(tensor.byteCount)]
        }
        return TextTable(header: ["tensor", "type", "shape", "size"], rows: rows).rendered()
    }
}
