import CKernels

/// What all layers of a stage share: kernels, threads, cache, and scratch memory sized for the micro-batch at hand.
final class StageResources {
    let kernels: tw_kernels
    let precision: Precision
    let team: ThreadTeam
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
    /// Per member of the team: panels as f32, or what attention needs.
    private let memberScratch: [Scratch<Float>]

    init(
        kernels: tw_kernels, precision: Precision, team: ThreadTeam, rotary: RotaryTable, cache: KVCache,
        model: ModelConfiguration
    ) {
        self.kernels = kernels
        self.precision = precision
        self.team = team
        self.rotary = rotary
        self.cache = cache
        self.model = model
        let expansion = max(model.hidden, model.feedForward, model.queryWidth) * Int(TW_PANEL)
        memberScratch = (0..<team.count).map { _ in
            let scratch = Scratch<Float>()
            scratch.reserve(expansion)
            return scratch
        }
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
        let attention = 2 * Int(TW_KV_BLOCK) * model.headDim + 2 * layout.mostLines * model.group
        for scratch in memberScratch { scratch.reserve(attention) }
    }

    func scratch(_ member: Int) -> UnsafeMutablePointer<Float> { memberScratch[member].base }
}
