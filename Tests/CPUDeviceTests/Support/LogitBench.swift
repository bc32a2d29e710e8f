import CPUDevice
import Scheduling
import StageDevices
import TinyModels

/// Draws from chosen logits through the public interface of stages, on one that holds the whole output head or on several
/// that share it.
struct LogitBench {
    private let head: SharedHead

    /// - Parameters:
    ///   - rows: see `ChosenLogits`; draw n of a row comes after its token.
    ///   - shares: of the vocabulary, one a stage; nil for one stage with all of it.
    ///   - order: of the stages as they project.
    ///   - pieceTokens: that a stage projects at a time; nil: its share in one go.
    init(
        _ rows: [[Float]], threads: Int = 1, portable: Bool = false, shares: [Range<Int>]? = nil, order: [Int]? = nil,
        pieceTokens: Int? = nil
    ) throws {
        let device = try CPUDevice(
            ChosenLogits.model(rows).checkpoint(), portableKernels: portable, threads: threads, pinsThreads: false)
        let shares = shares ?? [0..<rows[0].count]
        head = SharedHead(
            stages: try device.loadSharing(
                shares.enumerated().map { stage, share in
                    LayerRange(layers: 0..<0, vocabulary: share, hasEmbedding: stage == 0, hasFinalNorm: stage == 0)
                }, blocks: 1), pieceTokens: pieceTokens, order: order)
    }

    /// One draw for each task, from the logits of the row that it names.
    func draw(_ tasks: [(row: Int, task: SamplingTask)]) throws -> [SampledToken] {
        let slices = tasks.map { row, task in
            SequenceSlice(request: RequestID(0), start: 0, tokens: [TokenID(row)], blocks: [0], sampling: task)
        }
        let batch = MicroBatch(id: MicroBatchID(0), phase: .decode, slices: slices)
        guard case .groups(let groups) = try head.stages[0].execute(batch, input: nil, continues: { _ in true }) else {
            return []
        }
        return try head.draw(groups, for: batch).map { $0[0] }
    }

    /// One draw from row 0.
    func draw(_ parameters: SamplingParameters, generated: Int = 0, history: [TokenID] = []) throws -> SampledToken {
        let task = SamplingTask(parameters: parameters, generated: generated, history: history)
        return try draw([(0, task)])[0]
    }

    /// Draws from row 0 at the positions 0 ..< count of an answer.
    func tokens(_ parameters: SamplingParameters, count: Int) throws -> [TokenID] {
        let tasks = (0..<count).map { (0, SamplingTask(parameters: parameters, generated: $0, history: [])) }
        return try draw(tasks).map(\.token)
    }
}

extension SamplingParameters {
    /// Changed from the defaults: temperature 1, nothing cut.
    static func with(_ change: (inout SamplingParameters) -> Void) -> SamplingParameters {
        var parameters = SamplingParameters()
        change(&parameters)
        return parameters
    }

    /// Changed from greedy.
    static func greedy(_ change: (inout SamplingParameters) -> Void) -> SamplingParameters {
        var parameters = SamplingParameters.greedy
        change(&parameters)
        return parameters
    }
}
