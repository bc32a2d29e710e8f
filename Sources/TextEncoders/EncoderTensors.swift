import CPUDevice
import ModelFiles
import Platform

/// The tensors of an encoder's safetensors file, under Hugging Face's names, with or without a leading `bert.`.
final class EncoderTensors {
    private let file: SafetensorsFile
    private let prefix: String
    private let memory = PackedMemory()
    private let team: ThreadTeam
    private let rounded: Bool
    private var used: Set<String> = []

    /// Tensors that such files may hold and that hidden states do not need: a layer over the first token, and the
    /// numbers from 0 on.
    private static let unused = ["pooler.dense.weight", "pooler.dense.bias", "embeddings.position_ids"]

    /// - Parameter rounded: whether matrices are rounded to 8 bits.
    init(_ file: SafetensorsFile, rounded: Bool, team: ThreadTeam) {
        self.file = file
        self.rounded = rounded
        self.team = team
        let isNested = file.tensors.contains { $0.name.hasPrefix("bert.embeddings.") }
        prefix = isNested ? "bert." : ""
    }

    /// The values of a tensor.
    /// - Parameter shape: the shape that the model's sizes ask for; nil is any size from 1 on.
    func values(_ name: String, shape: [Int?]) throws -> [Float] {
        let tensor = try file.tensor(named: prefix + name)
        let found = tensor.info.shape
        guard found.count == shape.count, zip(found, shape).allSatisfy({ $0 > 0 && $0 == $1 ?? $0 }) else {
            let wanted = shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
            throw DeviceError(
                .badTensor, "'\(prefix + name)' has shape \(found); the model's sizes ask for [\(wanted)]")
        }
        used.insert(tensor.info.name)
        defer { file.file.forget(tensor.info.fileOffset..<tensor.info.fileOffset + tensor.info.byteCount) }
        return try tensor.floats()
    }

    /// The weights of the linear layer `name`.
    func matrix(_ name: String, rows: Int, columns: Int) throws -> PackedMatrix {
        let values = try values(name + ".weight", shape: [rows, columns])
        return try PackedMatrix(values, rows: rows, columns: columns, rounded: rounded, memory: memory, team: team)
    }

    func bias(_ name: String, count: Int) throws -> [Float] { try values(name + ".bias", shape: [count]) }

    /// Refuses a file with tensors that were not read: ignoring them would change the embeddings silently.
    func requireAllUsed() throws(DeviceError) {
        let left = file.tensors.map(\.name).filter { name in
            !used.contains(name) && !Self.unused.contains { prefix + $0 == name }
        }
        guard let first = left.first else { return }
        throw DeviceError(
            .unsupportedFeature, "\(left.count) tensors are not used by the BERT family, the first is '\(first)'")
    }
}
