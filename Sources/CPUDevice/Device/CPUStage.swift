import CKernels
import ModelFiles
import Platform
import Scheduling
import StageDevices

/// A pipeline stage on the CPU: the layers and the part of the output head that the stage can compute, and a thread
/// team. The KV cache belongs to all stages of the pipeline.
final class CPUStage: SharingExecutor, @unchecked Sendable {
    // Unchecked: one worker thread calls it.
    let range: LayerRange
    private let model: CPUModel
    private let embedding: PackedMatrix?
    /// The layers of `range.layerReach`.
    private let layers: [DecoderLayer]
    private let finalNorm: FinalNorm?
    private let head: OutputHead?
    private let resources: StageResources
    private let layout: BatchLayout
    /// The core that the worker thread is pinned to, if any; the other members of the team have cores of their own.
    private let workerCore: Int?
    private let pool = ActivationPool()
    /// Buffers for the logits of draw groups; only the last stage uses them.
    private let logitPool = ActivationPool()

    init(
        range: LayerRange, model: CPUModel, store: WeightStore, kernels: Kernels, precision: Precision,
        cache: KVCache, team: ThreadTeam, workerCore: Int? = nil
    ) throws {
        self.range = range
        self.model = model
        self.workerCore = workerCore
        embedding = range.hasEmbedding ? try store.matrix(TensorRole(.tokenEmbedding)) : nil
        layers = try range.layerReach.map { try DecoderLayer(store, model: model, index: $0) }
        finalNorm = range.hasFinalNorm ? try FinalNorm(store, model: model) : nil
        head =
            range.vocabularyReach.isEmpty
            ? nil : try OutputHead(range.vocabularyReach, store, model: model, members: team.count)
        resources = StageResources(
            kernels: kernels.table, precision: precision, team: team, rotary: RotaryTable(model.rotation),
            cache: cache, sizes: model.sizes)
        layout = BatchLayout(kvHeads: model.sizes.kvHeads, blockCount: cache.blockCount, members: team.count)
    }

    func prepareThread() {
        if let workerCore { pinCurrentThread(to: workerCore) }
    }

    func execute(
        _ batch: MicroBatch, input: (any StageTensor)?, continues: (_ layer: Int) -> Bool
    ) throws -> SharedOutput {
        layout.lay(batch)
        defer { layout.clear() }
        let stream = decode(batch, input: input.map(Self.stream), continues: continues)
        guard let finalNorm else { return .activations(stream) }
        guard !layout.drawing.isEmpty else { return .groups([]) }
        let rows = finalNorm.run(stream.rows, rows: layout.drawing, pool: pool, resources)
        return .groups(DrawGroup.groups(of: batch, rows: rows, vocabulary: model.vocabulary, pool: logitPool))
    }

    func project(_ group: any HeadGroup, next: () -> Range<Int>?) {
        guard let head else { preconditionFailure("a stage without weights of the output head cannot project") }
        head.project(Self.own(group), resources, next: next)
    }

    func draw(_ group: any HeadGroup) -> [SampledToken] {
        let group = Self.own(group)
        guard !group.takesHighest else { return group.highest.map { SampledToken($0.token) } }
        defer { group.forgetLogits() }
        let sampler = Sampler(kernels: resources.kernels, vocabulary: model.vocabulary)
        let (logits, tasks) = (group.logits, group.tasks)
        return [SampledToken](unsafeUninitializedCapacity: tasks.count) { buffer, count in
            let out = buffer.baseAddress!
            resources.team.forEach(tasks.count) { index, _ in
                (out + index).initialize(to: sampler.draw(logits.values + index * logits.width, tasks[index]))
            }
            count = tasks.count
        }
    }

    private static func stream(_ tensor: any StageTensor) -> ResidualStream {
        guard let stream = tensor as? ResidualStream else { preconditionFailure("activations of another device") }
        return stream
    }

    private static func own(_ group: any HeadGroup) -> DrawGroup {
        guard let group = group as? DrawGroup else { preconditionFailure("rows to draw from of another device") }
        return group
    }

    /// Calls `body` with the logits of each row, instead of drawing tokens. Only for a stage that holds a whole model.
    func forEachLogits(_ batch: MicroBatch, _ body: (UnsafeBufferPointer<Float>) throws -> Void) throws {
        guard let finalNorm, let head, range.vocabularyReach.count == model.vocabulary else {
            preconditionFailure("a stage without the whole output head has no logits")
        }
        layout.lay(batch)
        defer { layout.clear() }
        let stream = decode(batch, input: nil, continues: { _ in true }).rows
        let rows = finalNorm.run(stream, rows: Array(0..<stream.rows), pool: pool, resources)
        try head.forEachLogits(rows, resources, body)
    }

    /// Runs the layers over the batch that `layout` describes.
    private func decode(
        _ batch: MicroBatch, input: ResidualStream?, continues: (_ layer: Int) -> Bool
    ) -> ResidualStream {
        resources.prepare(layout)
        let rows = input?.rows ?? embed(batch)
        precondition(rows.rows == layout.rows && rows.width == model.hidden, "activations of another micro-batch")
        var layer = input?.nextLayer ?? 0
        precondition(layer >= range.layerReach.lowerBound, "activations from before the layers within reach")
        while layer < range.layerReach.upperBound, continues(layer) {
            layers[layer - range.layerReach.lowerBound].run(rows, layout, resources)
            layer += 1
        }
        return ResidualStream(rows, nextLayer: layer)
    }

    private func embed(_ batch: MicroBatch) -> Activations {
        let stream = pool.take(rows: batch.tokenCount, width: model.hidden)
        guard let embedding else { preconditionFailure("a stage without embedding got no activations") }
        var row = 0
        for slice in batch.slices {
            for token in slice.tokens {
                embedding.copyRow(Int(token), to: stream.values + row * model.hidden)
                row += 1
            }
        }
        return stream
    }
}
