import CKernels
import ModelFiles
import ModelPlans
import Platform

/// Packs the tensors of one model, each once. Stages in one process share tensors, such as an embedding that is also
/// the output head. Several threads may load stages at the same time; a lock has them pack one tensor after the other.
final class WeightStore: Sendable {
    private let checkpoint: any Checkpoint
    /// Shapes of all tensors of the plan, row length first.
    private let shapes: [TensorRole: [Int]]
    private let loading: Guarded<Loading>

    /// The state that the lock guards: a thread holds the lock while it packs a tensor.
    private struct Loading {
        let team: ThreadTeam
        let memory = PackedMemory()
        var matrices: [Key: PackedMatrix] = [:]
        var vectors: [TensorRole: [Float]] = [:]
        /// Bytes of all packed tensors.
        var byteCount = 0
    }

    /// The rows of a matrix that are packed together.
    private struct Key: Hashable {
        let role: TensorRole
        let rows: Range<Int>
    }

    /// - Parameter loadThreads: threads that pack a tensor together.
    /// - Throws: `ModelPlanError` for a checkpoint with tensors that the plan does not name; what `ThreadTeam` throws.
    init(_ checkpoint: any Checkpoint, plan: ModelPlan, loadThreads: Int) throws {
        try plan.requireAllKnown(in: checkpoint)
        self.checkpoint = checkpoint
        shapes = Dictionary(uniqueKeysWithValues: plan.tensors.map { ($0.role, $0.shape) })
        loading = Guarded(Loading(team: try ThreadTeam(count: loadThreads, spins: 0)))
    }

    /// Bytes of all tensors that are packed so far.
    var byteCount: Int { loading.withLock { $0.byteCount } }

    /// A matrix of the plan: [rows, columns] = [outputs, inputs].
    func matrix(_ role: TensorRole) throws -> PackedMatrix {
        try matrix(role, rows: 0..<shape(role)[1])
    }

    /// Neighbouring rows of a matrix of the plan, as a matrix of their own: a view if the whole matrix is packed
    /// already, else a packed copy of these rows.
    /// - Parameter part: not empty, cut at multiples of the panel size.
    func matrix(_ role: TensorRole, rows part: Range<Int>) throws -> PackedMatrix {
        let (rows, panel) = (shape(role)[1], Int(TW_PANEL))
        precondition(part.lowerBound % panel == 0 && (part.upperBound % panel == 0 || part.upperBound == rows))
        return try loading.withLock { loading in
            if let known = loading.matrices[Key(role: role, rows: part)] { return known }
            if let whole = loading.matrices[Key(role: role, rows: 0..<rows)] {
                return whole.panels(part.lowerBound / panel..<PackedMatrix.panels(holding: part.upperBound))
            }
            let tensor = try checkpoint.tensor(role)
            guard tensor.info.shape == shape(role) else {
                throw DeviceError(
                    .badTensor,
                    "'\(tensor.info.name)' has shape \(tensor.info.shape); the model's sizes ask for \(shape(role))")
            }
            let matrix = try PackedMatrix(tensor, rows: part, memory: loading.memory, team: loading.team)
            loading.matrices[Key(role: role, rows: part)] = matrix
            loading.byteCount += matrix.byteCount
            return matrix
        }
    }

    /// A vector of the plan, as f32.
    func vector(_ role: TensorRole) throws -> [Float] {
        let count = shape(role)[0]
        return try loading.withLock { loading in
            if let known = loading.vectors[role] { return known }
            let tensor = try checkpoint.tensor(role)
            guard tensor.info.elementCount == count else {
                throw DeviceError(
                    .badTensor,
                    "'\(tensor.info.name)' has \(tensor.info.elementCount) values; the model's sizes ask for \(count)")
            }
            let vector = Dequantize.floats(tensor)
            tensor.forget()
            loading.vectors[role] = vector
            loading.byteCount += count * MemoryLayout<Float>.size
            return vector
        }
    }

    private func shape(_ role: TensorRole) -> [Int] {
        guard let shape = shapes[role] else { preconditionFailure("the plan has no tensor \(role)") }
        return shape
    }
}
