import Scheduling
import TinyModels
import Transformer

/// Draws from chosen logits through a stage's public interface.
struct LogitBench {
    private let stage: any StageExecutor

    /// - Parameter rows: see `ChosenLogits`; draw n of a row comes after its token.
    init(_ rows: [[Float]], threads: Int = 1, portable: Bool = false) throws {
        let device = try CPUDevice(ChosenLogits.model(rows).file(), portableKernels: portable)
        let range = LayerRange(layers: 0..<0, hasEmbedding: true, hasHead: true)
        stage = try device.load(range, blocks: 1, threads: threads, cores: nil)
    }

    /// One draw for each task, from the logits of the row that it names.
    func draw(_ tasks: [(row: Int, task: SamplingTask)]) throws -> [SampledToken] {
        let slices = tasks.map { row, task in
            SequenceSlice(request: RequestID(0), start: 0, tokens: [TokenID(row)], blocks: [0], sampling: task)
        }
        let batch = MicroBatch(id: MicroBatchID(0), phase: .decode, slices: slices)
        guard case .tokens(let tokens) = try stage.execute(batch, input: nil) else { return [] }
        return tokens.map { $0[0] }
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
