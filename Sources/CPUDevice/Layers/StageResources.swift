import CKernels
import Platform

/// What all layers of a stage share: kernels, threads, cache, and scratch memory sized for the micro-batch at hand.
final class StageResources: ComputeResources {
    let rotary: RotaryTable
    let cache: KVCache
    private let sizes: LayerSizes

    /// Normed rows, attention output and gated rows, as inputs of matrices.
    let hiddenInput = MatrixInput()
    let attentionInput = MatrixInput()
    let gatedInput = MatrixInput()
    /// Query, key and value of each row, side by side.
    let projected = Scratch<Float>()
    let up = Scratch<Float>()

    init(
        kernels: tw_kernels, precision: Precision, team: ThreadTeam, rotary: RotaryTable, cache: KVCache,
        sizes: LayerSizes
    ) {
        self.rotary = rotary
        self.cache = cache
        self.sizes = sizes
        super.init(kernels: kernels, precision: precision, team: team)
        // Panels as f32.
        reserveScratch(max(sizes.hidden, sizes.feedForward, sizes.queryWidth) * Int(TW_PANEL))
    }

    @available(*, unavailable)
    package override init(kernels: tw_kernels, precision: Precision, team: ThreadTeam) {
        preconditionFailure("a stage has a cache and sizes beside what matrix products need")
    }

    /// Row stride of `projected`: each part padded to whole panels.
    var projectedStride: Int { padded(sizes.queryWidth) + 2 * padded(sizes.kvWidth) }

    func padded(_ rows: Int) -> Int { (rows + Int(TW_PANEL) - 1) / Int(TW_PANEL) * Int(TW_PANEL) }

    func prepare(_ layout: BatchLayout) {
        let rows = layout.rows
        hiddenInput.reserve(rows: rows, width: sizes.hidden)
        attentionInput.reserve(rows: rows, width: sizes.queryWidth)
        gatedInput.reserve(rows: rows, width: sizes.feedForward)
        projected.reserve(rows * projectedStride)
        up.reserve(rows * sizes.feedForward)
        rotary.prepare(positions: layout.highestPosition + 1)
        reserveScratch(
            Int(
                tw_attention_scratch(
                    cache.type.kernelType, Int64(sizes.headDim), Int64(layout.mostLines * sizes.group))))
    }
}
