import CKernels
import ModelFiles
import ModelPlans
import Platform
import Scheduling
import StageDevices

/// Stages on the cores of this machine.
package final class CPUDevice: SharingDevice {
    private let model: CPUModel
    package let precision: Precision
    package let kvType: KVType
    private let store: WeightStore
    private let kernels: Kernels
    private let threads: Int
    private let pinsThreads: Bool

    /// Times that a team's thread polls before it sleeps: waits between the steps of a layer are mostly below 0.2 ms,
    /// and waking a sleeping thread takes a good part of that.
    private static let spins = 10_000

    /// A device for the model of a checkpoint, as its family plans it.
    /// - Parameters:
    ///   - threads: the number of threads in each stage's team, its worker included.
    ///   - pinsThreads: whether each thread gets a core to itself, if there are enough cores for all stages of a
    ///     pipeline.
    ///   - loadThreads: threads that repack weights while stages are loaded.
    /// - Throws: `ModelPlanError` and `ModelFileError` for a checkpoint that is no model of a known family;
    ///   `DeviceError` for a plan that this device cannot compute.
    package convenience init(
        _ checkpoint: any Checkpoint, precision: Precision = .int8, kvType: KVType = .f16,
        portableKernels: Bool = false, threads: Int = 1, pinsThreads: Bool = true, loadThreads: Int = 1
    ) throws {
        try self.init(
            checkpoint, plan: ModelPlan(checkpoint), precision: precision, kvType: kvType,
            portableKernels: portableKernels, threads: threads, pinsThreads: pinsThreads, loadThreads: loadThreads)
    }

    /// A device for a checkpoint whose tensors are those of `plan`.
    package init(
        _ checkpoint: any Checkpoint, plan: ModelPlan, precision: Precision = .int8, kvType: KVType = .f16,
        portableKernels: Bool = false, threads: Int = 1, pinsThreads: Bool = true, loadThreads: Int = 1
    ) throws {
        model = try CPUModel(plan)
        self.precision = precision
        self.kvType = kvType
        self.threads = threads
        self.pinsThreads = pinsThreads
        kernels = portableKernels ? .portable : .best
        store = try WeightStore(checkpoint, plan: plan, loadThreads: loadThreads)
    }

    /// A device with the model and the packed weights of another one, and with teams of another size.
    package init(sharingWeightsOf other: CPUDevice, threads: Int) {
        model = other.model
        precision = other.precision
        kvType = other.kvType
        store = other.store
        kernels = other.kernels
        pinsThreads = other.pinsThreads
        self.threads = threads
    }

    /// Refuses a plan that this device cannot compute, before anything is loaded.
    /// - Throws: `DeviceError` that names the feature and its layer.
    package static func requireSupport(of plan: ModelPlan) throws(DeviceError) { _ = try CPUModel(plan) }

    /// The plan of the model that the device computes.
    package var plan: ModelPlan { model.plan }
    package var sizes: ModelSizes {
        ModelSizes(layers: model.layers, vocabulary: model.vocabulary, contextLength: plan.contextLength)
    }

    package var kernelName: String { kernels.name }
    package var vocabularyUnit: Int { Int(TW_PANEL) }
    package var weightBytes: Int { store.byteCount }
    package var tokensPerKVBlock: Int { KVCache.tokensPerBlock }
    package var bytesPerKVBlock: Int { KVCache.bytesPerBlock(plan.layers, type: kvType) }

    package func loadSharing(_ ranges: [LayerRange], blocks: Int) throws -> [any SharingExecutor] {
        let first = ranges.map(\.layerReach.lowerBound).min() ?? 0
        let end = ranges.map(\.layerReach.upperBound).max() ?? 0
        let cache = try KVCache(model: model, layers: first..<end, blockCount: blocks, type: kvType)
        let cores = cores(ofStages: ranges.count)
        return try ranges.enumerated().map { index, range in
            let team = try ThreadTeam(count: threads, cores: cores?[index], spins: cores == nil ? 0 : Self.spins)
            return try stage(range, cache, team, workerCore: cores?[index].first)
        }
    }

    /// For each stage, the cores to pin its team to; nil if threads have to share cores or are not pinned.
    private func cores(ofStages count: Int) -> [[Int]]? {
        let available = Processors.available
        guard pinsThreads, count * threads <= available.count else { return nil }
        return (0..<count).map { Array(available[$0 * threads..<($0 + 1) * threads]) }
    }

    private func stage(
        _ range: LayerRange, _ cache: KVCache, _ team: ThreadTeam, workerCore: Int? = nil
    ) throws -> CPUStage {
        try CPUStage(
            range: range, model: model, store: store, kernels: kernels, precision: precision, cache: cache, team: team,
            workerCore: workerCore)
    }

    /// Times one layer and the head for a decode step of 16 rows, on one thread.
    package func measureCosts() throws -> StageCosts {
        let range = LayerRange(
            layers: 0..<1, vocabulary: 0..<model.vocabulary, hasEmbedding: true, hasFinalNorm: true)
        let cache = try KVCache(model: model, layers: range.layers, blockCount: Self.costRows, type: kvType)
        let stage = try stage(range, cache, ThreadTeam(count: 1))
        let slices = (0..<Self.costRows).map { index in
            SequenceSlice(
                request: RequestID(index), start: 0, tokens: [TokenID(index % model.vocabulary)],
                blocks: [BlockID(index)], sampling: SamplingTask(parameters: .greedy, generated: 0, history: []))
        }
        let batch = MicroBatch(id: MicroBatchID(0), phase: .decode, slices: slices)
        var (layer, head) = (Double.infinity, Double.infinity)
        let clock = ContinuousClock()
        // The best of five runs: the machine may be busy.
        for _ in 0..<5 {
            let begin = clock.now
            guard case .groups(let groups) = try stage.execute(batch, input: nil, continues: { _ in true }) else {
                continue
            }
            let middle = clock.now
            for group in groups {
                var left: Range<Int>? = range.vocabularyReach
                stage.project(group) {
                    defer { left = nil }
                    return left
                }
                _ = stage.draw(group)
            }
            layer = min(layer, (middle - begin) / .seconds(1))
            head = min(head, (clock.now - middle) / .seconds(1))
        }
        return StageCosts(layer: max(layer, 1e-9), head: head)
    }

    /// Rows of the step that `measureCosts` times.
    private static let costRows = 16
}

/// A set of kernels, as a Sendable value.
package struct Kernels: @unchecked Sendable {
    // Unchecked: a table of C functions without state.
    package let table: tw_kernels
    var name: String { String(cString: table.name) }
    package static let best = Kernels(table: tw_kernels_best().pointee)
    package static let portable = Kernels(table: tw_kernels_portable().pointee)
}
