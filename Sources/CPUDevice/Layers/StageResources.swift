import CKernels
import Platform

/// What all layers of a stage share: kernels, threads, cache, and scratch memory sized for the micro-batch at hand.
final class StageResources: ComputeResources {
    let rotary: RotaryTable
    let cache: KVCache
    private let model: ModelConfiguration

    /// Normed rows, attention output and gated rows, as inputs of matrices.
    let hiddenInput = MatrixInput()
    let attentionInput = MatrixInput()
    let gatedInput = MatrixInput()
    /// Query, key and value of each row, side by side.
    let projected = Scratch<Float>()
    let up = Scratch<Float>()

    init(
        kernels: tw_kernels, precision: Precision, team: ThreadTeam, rotary: RotaryTable, cache: KVCache,
        model: ModelConfiguration
    ) {
        self.rotary = rotary
        self.cache = cache
        self.model = model
        super.init(kernels: kernels, precision: precision, team: team)
        // Panels as f32.
        reserveScratch(max(model.hidden, model.feedForward, model.queryWidth) * Int(TW_PANEL))
    }

    /// Row stride of `projected`: each part padded to whole panels.
    var projectedStride: Int { padded(model.queryWidth) + 2 * padded(model.kvWidth) }

    func padded(_ rows: Int) -> Int { (rows + Int(TW_PANEL) - 1) / Int(TW_PANEL) * Int(TW_PANEL) }

    func prepare(_ layout: BatchLayout) {
        let rows = layout.rows
        hiddenInput.reserve(rows: rows, width: model.hidden)
        attentionInput.reserve(rows: rows, width: model.queryWidth)
        gatedInput.reserve(rows: rows, width: model.feedForward)
        projected.reserve(rows * projectedStride)
        up.reserve(rows * model.feedForward)
        rotary.prepare(positions: layout.highestPosition + 1)
        reserveScratch(
            Int(
                tw_attention_scratch(
                    cache.type.kernelType, Int64(model.headDim), Int64(layout.mostLines * model.group))))
    }
}
