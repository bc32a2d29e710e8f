import CPUDevice
import Scheduling
import Synchronization

/// Stages that hash instead of multiplying. Each layer keeps an entry for every position in paged memory, made from its
/// input, its position and two earlier entries that the block table leads to; each token's logit depends on the last
/// layer's entry. So a wrong slice, a block used too early, activations of another micro-batch or a lost share of the
/// output head change the answer, and a cut into stages does not.
final class FakeDevice: StageDevice {
    /// Where and when a stage fails.
    enum Fault: Sendable {
        /// The stage with this layer, at this micro-batch.
        case layers(layer: Int, batch: Int)
        /// The stage with this token in its share of the vocabulary, at the first draw from this micro-batch on.
        case head(token: Int, batch: Int)
    }

    /// An end of the pipeline.
    enum End: Sendable { case first, last }

    let sizes: ModelSizes
    let tokensPerKVBlock = 16
    let bytesPerKVBlock = 1000
    let weightBytes = 0
    /// What `measureCosts` gives.
    let costs: StageCosts
    let fault: Fault?
    /// Makes stages yield now and then, by a generator of this seed.
    let unrest: UInt64?
    /// The first stage holds its share of the head back until the last stage is ahead of it, or for a while.
    let holdsShares: Bool
    /// The last stage holds its layers back until the one before has gone on with them, or for a while; or the first stage
    /// is slow at each layer.
    let holdsLayers: End?
    private let counts = FakeCounts()

    init(
        layers: Int = 6, costs: StageCosts = StageCosts(layer: 1, head: 3), fault: Fault? = nil, unrest: UInt64? = nil,
        holdsShares: Bool = false, holdsLayers: End? = nil
    ) throws {
        sizes = ModelSizes(layers: layers, vocabulary: 97, contextLength: 256)
        self.costs = costs
        self.fault = fault
        self.unrest = unrest
        self.holdsShares = holdsShares
        self.holdsLayers = holdsLayers
    }

    /// Stages that have been loaded and not been let go of: none once all threads have ended.
    var liveStages: Int { counts.live.load(ordering: .acquiring) }
    /// How often costs were measured.
    var measurements: Int { counts.measurements.load(ordering: .acquiring) }
    /// Shares of the head that were done after the last stage had computed a later micro-batch.
    var overtaken: Int { counts.overtaken.load(ordering: .acquiring) }

    /// Layers that stages computed beyond their own.
    var layersGoneOn: Int { counts.layersGoneOn }
    /// Micro-batches that stages handed over before the last of their layers.
    var handedOver: Int { counts.handedOver.load(ordering: .acquiring) }

    func measureCosts() -> StageCosts {
        counts.measurements.wrappingAdd(1, ordering: .relaxed)
        return costs
    }

    func load(_ ranges: [LayerRange], blocks: Int, threads: Int, cores: [[Int]]?) -> [any StageExecutor] {
        let memory = FakeMemory(layers: sizes.layers, blocks: blocks)
        return ranges.map { FakeStage($0, self, memory: memory, counts: counts) }
    }

    /// What a request is answered with nothing beside it: the oracle.
    func answer(to spec: RequestSpec, count: Int) throws -> [TokenID] {
        let blocks = (spec.prompt.count + count + 15) / 16
        let whole = LayerRange.whole(layers: sizes.layers, vocabulary: sizes.vocabulary)
        let stage = FakeStage(
            whole, self, memory: FakeMemory(layers: sizes.layers, blocks: blocks), counts: FakeCounts())
        var tokens = spec.prompt
        while tokens.count < spec.prompt.count + count {
            let task = SamplingTask(
                parameters: spec.sampling, generated: tokens.count - spec.prompt.count, history: [])
            let slice = SequenceSlice(
                request: spec.id, start: 0, tokens: tokens, blocks: (0..<blocks).map { BlockID($0) }, sampling: task)
            let batch = MicroBatch(id: MicroBatchID(0), phase: .mixed, slices: [slice])
            let group = stage.groups(batch, stage.run(batch, input: nil, continues: { _ in true }).rows)[0]
            stage.score(group, 0..<sizes.vocabulary)
            tokens.append(stage.draw(group)[0].token)
        }
        return Array(tokens.dropFirst(spec.prompt.count))
    }
}

/// What the stages of a fake device count together.
final class FakeCounts: Sendable {
    let live = Atomic<Int>(0)
    let measurements = Atomic<Int>(0)
    let overtaken = Atomic<Int>(0)
    /// Micro-batches that the last stage has begun.
    let begun = Atomic<Int>(0)
    let goneOn = Atomic<Int>(0)
    let handedOver = Atomic<Int>(0)

    var layersGoneOn: Int { goneOn.load(ordering: .acquiring) }
}

/// The paged memory of all layers, which the stages of a pipeline have in common.
final class FakeMemory: @unchecked Sendable {
    // Unchecked: a sequence's entries of a layer are with one stage at a time, if the runtime does what it says.
    private let storage: UnsafeMutablePointer<UInt32>
    private let entriesOfLayer: Int

    init(layers: Int, blocks: Int) {
        entriesOfLayer = blocks * 16
        storage = .allocate(capacity: max(1, layers * entriesOfLayer))
        storage.initialize(repeating: 0, count: layers * entriesOfLayer)
    }

    deinit { storage.deallocate() }

    /// [block][16].
    func entries(_ layer: Int) -> UnsafeMutablePointer<UInt32> { storage + layer * entriesOfLayer }
}
