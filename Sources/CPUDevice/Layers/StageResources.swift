import CKernels
import Platform

/// What all layers of a stage share: kernels, threads, cache, and scratch memory sized for the current micro-batch.
final class StageResources: ComputeResources {
    let rotary: RotaryTable
    let cache: KVCache
    private let sizes: LayerSizes

    /// The normed rows, as the input of the matrices that read them.
    let hiddenInput = MatrixInput()
    /// The attention's output, as the input of the output matrix.
    let attentionInput = MatrixInput()
    /// The gated rows, as the input of the down matrix.
    let gatedInput = MatrixInput()
    /// The query, key and value of each row, one after the other.
    let projected = Scratch<Float>()
    /// The output of the up matrix.
    let up = Scratch<Float>()

    init(
        kernels: tw_kernels, precision: Precision, team: ThreadTeam, rotary: RotaryTable, cache: KVCache,
        sizes: LayerSizes
    ) {
        self.rotary = rotary
        self.cache = cache
        self.sizes = sizes
        super.init(kernels: kernels, precision: precision, team: team)
        // Room for one panel as f32.
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
