import CKernels
import ModelFiles

/// The feed-forward of a layer: down(silu(gate x) * up x).
struct GatedFeedForward: Sendable {
    private let gate: PackedMatrix
    private let up: PackedMatrix
    private let down: PackedMatrix
    /// Rows of gate and up.
    private let width: Int
    /// Panels of gate and up that are computed before their results are multiplied and quantised.
    private static let panelsAtATime = 4

    init(_ store: WeightStore, model: CPUModel, layer: Int) throws {
        gate = try store.matrix(TensorRole(.gate, layer: layer))
        up = try store.matrix(TensorRole(.up, layer: layer))
        down = try store.matrix(TensorRole(.down, layer: layer))
        width = model.sizes.feedForward
    }

    /// Reads the normed rows in `resources.hiddenInput`, and adds the feed-forward's output to the residual stream.
    func run(_ stream: Activations, _ resources: StageResources) {
        // Whole blocks of 32 columns at a time.
        let unit = Int(TW_BLOCK) / Int(TW_PANEL)
        let panels = gate.panels
        let least = JoinedProducts.leastPiece(of: unit * (gate.panelBytes + up.panelBytes))
        let work = (self, stream.rows, unit, resources)
        resources.team.share((panels + unit - 1) / unit, least: least, with: work) { work, pieces, member in
            let (feedForward, rows, unit, resources) = work
            for piece in pieces {
                let own = piece.lowerBound * unit..<min(piece.upperBound * unit, feedForward.gate.panels)
                feedForward.gateAndUp(own, rows, resources, member: member)
            }
        }
        MatrixProduct.add(down, resources.gatedInput, to: stream, resources)
    }

    /// Computes some panels of gate and up, multiplies silu(gate) by up, and quantises the products: a few panels at a
    /// time, so that their results are still in the cache.
    private func gateAndUp(_ own: Range<Int>, _ rows: Int, _ resources: StageResources, member: Int) {
        let gated = resources.gatedInput
        let gate = MatrixProduct(matrix: gate, out: gated.values.base, stride: width)
        let up = MatrixProduct(matrix: up, out: resources.up.base, stride: width)
        for first in Swift.stride(from: own.lowerBound, to: own.upperBound, by: Self.panelsAtATime) {
            let panels = first..<min(first + Self.panelsAtATime, own.upperBound)
            gate.run(panels, input: resources.hiddenInput, rows: rows, resources, member: member)
            up.run(panels, input: resources.hiddenInput, rows: rows, resources, member: member)
            let columns = first * Int(TW_PANEL)..<min(panels.upperBound * Int(TW_PANEL), width)
            resources.kernels.silu_multiply(
                gate.out + columns.lowerBound, up.out + columns.lowerBound, Int64(rows), Int64(columns.count),
                Int64(width))
            gated.quantise(0..<rows, columns: columns, with: resources.kernels)
        }
    }
}
