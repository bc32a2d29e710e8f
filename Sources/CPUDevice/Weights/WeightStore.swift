import CKernels
import ModelFiles
import Platform

/// Reads the tensors of one model file, each once. Stages in one process share what they have in common, such as an
/// embedding that is also the output head.
final class WeightStore: @unchecked Sendable {
    // Unchecked: used while stages are loaded, by one thread.
    private let file: GGUFFile
    private let team: ThreadTeam
    private let memory = PackedMemory()
    private var matrices: [String: PackedMatrix] = [:]
    private var vectors: [String: [Float]] = [:]
    /// Bytes of all packed tensors.
    private(set) var byteCount = 0

    init(file: GGUFFile, team: ThreadTeam) {
        self.file = file
        self.team = team
    }

    /// The matrix `name` with `rows` outputs and `columns` inputs.
    func matrix(_ name: String, rows: Int, columns: Int) throws -> PackedMatrix {
        if let known = matrices[name] { return known }
        return try pack(name, 0..<rows, of: rows, columns: columns, as: name)
    }

    /// Neighbouring rows of the matrix `name`, which has `rows` of them, as a matrix of its own: a view where the whole
    /// matrix is loaded already, else packed alone.
    /// - Parameter part: not empty, cut at multiples of the panel size.
    func matrix(_ name: String, part: Range<Int>, of rows: Int, columns: Int) throws -> PackedMatrix {
        let panel = Int(TW_PANEL)
        precondition(part.lowerBound % panel == 0 && (part.upperBound % panel == 0 || part.upperBound == rows))
        if part == 0..<rows { return try matrix(name, rows: rows, columns: columns) }
        if let whole = matrices[name] {
            return whole.panels(part.lowerBound / panel..<PackedMatrix.panels(holding: part.upperBound))
        }
        let key = "\(name) \(part)"
        if let known = matrices[key] { return known }
        return try pack(name, part, of: rows, columns: columns, as: key)
    }

    private func pack(
        _ name: String, _ part: Range<Int>, of rows: Int, columns: Int, as key: String
    ) throws -> PackedMatrix {
        let tensor = try file.tensor(named: name)
        guard tensor.info.shape == [columns, rows] else {
            throw DeviceError(
                .badTensor, "'\(name)' has shape \(tensor.info.shape); the model's sizes ask for [\(columns), \(rows)]")
        }
        let matrix = try PackedMatrix(tensor, rows: part, memory: memory, team: team)
        matrices[key] = matrix
        byteCount += matrix.byteCount
        return matrix
    }

    /// The vector `name` of `count` values.
    func vector(_ name: String, count: Int) throws -> [Float] {
        if let known = vectors[name] { return known }
        let tensor = try file.tensor(named: name)
        guard tensor.info.elementCount == count else {
            throw DeviceError(
                .badTensor, "'\(name)' has \(tensor.info.elementCount) values; the model's sizes ask for \(count)")
        }
        let vector = Dequantize.floats(tensor)
        tensor.forget()
        vectors[name] = vector
        byteCount += count * MemoryLayout<Float>.size
        return vector
    }

    /// Refuses a file with tensors that this model family does not name: leaving them out would change the answers
    /// without a word.
    static func requireAllKnown(_ file: GGUFFile, _ model: ModelConfiguration) throws {
        var known: Set = ["token_embd.weight", "output_norm.weight", "output.weight", "rope_freqs.weight"]
        var parts = [
            "attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate", "ffn_up", "ffn_down",
        ]
        .map { $0 + ".weight" }
        if model.hasAttentionBias { parts += ["attn_q.bias", "attn_k.bias", "attn_v.bias"] }
        if model.hasQueryKeyNorm { parts += ["attn_q_norm.weight", "attn_k_norm.weight"] }
        for layer in 0..<model.layers { known.formUnion(parts.map { "blk.\(layer)." + $0 }) }
        let unknown = file.tensors.map(\.name).filter { !known.contains($0) }
        guard let first = unknown.first else { return }
        throw DeviceError(
            .unsupportedFeature,
            "\(unknown.count) tensors are not used by model family '\(model.architecture)', the first is '\(first)'")
    }
}
