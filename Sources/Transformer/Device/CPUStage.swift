import CKernels
import Scheduling

/// A pipeline stage on the CPU: a range of layers, their share of the KV cache, and a thread team.
final class CPUStage: StageExecutor, @unchecked Sendable {
    // Unchecked: one worker thread calls `execute`.
    let range: LayerRange
    private let model: ModelConfiguration
    private let embedding: PackedMatrix?
    private let layers: [DecoderLayer]
    private let head: OutputHead?
    private let resources: StageResources
    private let pool = ActivationPool()

    init(
        range: LayerRange, model: ModelConfiguration, store: WeightStore, kernels: Kernels, precision: Precision,
        blocks: Int, team: ThreadTeam
    ) throws {
        self.range = range
        self.model = model
        embedding =
            range.hasEmbedding
            ? try store.matrix("token_embd.weight", rows: model.vocabulary, columns: model.hidden) : nil
        layers = try range.layers.map {
            try DecoderLayer(
                LayerWeights(store, layer: $0, model: model), model: model, index: $0 - range.layers.lowerBound)
        }
        head = range.hasHead ? OutputHead(try HeadWeights(store, model: model), model: model) : nil
        resources = StageResources(
            kernels: kernels.table, precision: precision, team: team, rotary: RotaryTable(model.rope),
            cache: try KVCache(model: model, layers: range.layers.count, blockCount: blocks), model: model)
    }

    func execute(_ batch: MicroBatch, input: Activations?) throws -> StageOutput {
        let layout = BatchLayout(batch, kvHeads: model.kvHeads, blockCount: resources.cache.blockCount)
        let stream = decode(batch, layout, input: input)
        guard let head else { return .activations(stream) }
        return .tokens(head.run(stream, layout, batch, resources))
    }

    /// Calls `body` with the logits of each row, instead of drawing tokens. For a stage that holds a whole model.
    func forEachLogits(_ batch: MicroBatch, _ body: (UnsafeBufferPointer<Float>) throws -> Void) throws {
        guard let head else { preconditionFailure("a stage without output head has no logits") }
        let stream = decode(
            batch, BatchLayout(batch, kvHeads: model.kvHeads, blockCount: resources.cache.blockCount), input: nil)
        try head.forEachLogits(stream, resources, body)
    }

    /// Runs the stage's layers; gives the residual stream.
    private func decode(_ batch: MicroBatch, _ layout: BatchLayout, input: Activations?) -> Activations {
        resources.prepare(layout)
        let stream = input ?? embed(batch)
        precondition(stream.rows == layout.rows && stream.width == model.hidden, "activations of another micro-batch")
        for layer in layers { layer.run(stream, layout, resources) }
        return stream
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
