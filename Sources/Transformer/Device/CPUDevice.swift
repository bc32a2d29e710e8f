import CKernels
import ModelFiles
import Scheduling

/// Stages on the cores of this machine.
public final class CPUDevice: StageDevice {
    public let model: ModelConfiguration
    public let precision: Precision
    private let store: WeightStore
    private let loaders: ThreadTeam
    private let kernels: Kernels

    /// Waits between the steps of a layer are mostly below 0.2 ms, and waking a sleeper takes a good part of that.
    private static let spins = 10_000

    /// - Parameter loadThreads: threads that repack weights while stages are loaded.
    public init(_ file: GGUFFile, precision: Precision = .int8, portableKernels: Bool = false, loadThreads: Int = 1)
        throws
    {
        model = try ModelConfiguration(file)
        try WeightStore.requireAllKnown(file, model)
        self.precision = precision
        kernels = portableKernels ? .portable : .best
        loaders = try ThreadTeam(count: loadThreads, spins: 0)
        store = WeightStore(file: file, team: loaders)
    }

    public var kernelName: String { kernels.name }
    public var weightBytes: Int { store.byteCount }
    public var bytesPerKVBlock: Int { KVCache.bytesPerBlock(model, layers: model.layers) }

    public func load(_ range: LayerRange, blocks: Int, threads: Int, cores: [Int]?) throws -> any StageExecutor {
        try CPUStage(
            range: range, model: model, store: store, kernels: kernels, precision: precision, blocks: blocks,
            team: ThreadTeam(count: threads, cores: cores, spins: cores == nil ? 0 : Self.spins))
    }

    /// Times one layer, and the head for every second of 32 tokens, as a run of prompts and answers of like length has
    /// it.
    public func measureCosts() throws -> StageCosts {
        let slices = (0..<32).map { index in
            SequenceSlice(
                request: RequestID(index), start: 0, tokens: [TokenID(index % model.vocabulary)],
                blocks: [BlockID(index)],
                sampling: index % 2 == 0 ? SamplingTask(parameters: .greedy, generated: 0, history: []) : nil)
        }
        let batch = MicroBatch(id: MicroBatchID(0), phase: .decode, slices: slices)
        func seconds(_ layers: Range<Int>, head: Bool) throws -> Double {
            let range = LayerRange(layers: layers, hasEmbedding: true, hasHead: head)
            let stage = try CPUStage(
                range: range, model: model, store: store, kernels: kernels, precision: precision, blocks: 32,
                team: ThreadTeam(count: 1))
            var best = Double.infinity
            let clock = ContinuousClock()
            for _ in 0..<4 {
                let time = try clock.measure { _ = try stage.execute(batch, input: nil) }
                best = min(best, Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18)
            }
            return best
        }
        let embedding = try seconds(0..<0, head: false)
        let layer = try seconds(0..<1, head: false) - embedding
        let head = try seconds(0..<0, head: true) - embedding
        return StageCosts(embedding: embedding, layer: max(layer, 1e-9), head: max(head, 0))
    }
}

/// A set of kernels, as a Sendable value.
struct Kernels: @unchecked Sendable {
    // Unchecked: a table of C functions without state.
    let table: tw_kernels
    var name: String { String(cString: table.name) }
    static let best = Kernels(table: tw_kernels_best().pointee)
    static let portable = Kernels(table: tw_kernels_portable().pointee)
}
