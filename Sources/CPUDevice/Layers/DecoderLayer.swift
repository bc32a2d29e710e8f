import CKernels

/// One decoder layer: x += attention(norm(x)); x += feedForward(norm(x)).
///
/// Each row's values depend on that row and, through the KV cache, on its own sequence alone. Sums run in one order
/// whatever the batch (see CKernels), so a row's bits do not depend on what it was batched with.
struct DecoderLayer: Sendable {
    private let weights: LayerWeights
    private let model: ModelConfiguration
    /// The layer's place in the model.
    private let index: Int
    /// Panels of gate and up whose results are looked at together.
    private static let panelsAtATime = 4

    init(_ weights: LayerWeights, model: ModelConfiguration, index: Int) {
        self.weights = weights
        self.model = model
        self.index = index
    }

    func run(_ stream: Activations, _ layout: BatchLayout, _ resources: StageResources) {
        normalise(stream, weights.attentionNorm, resources)
        project(layout.rows, resources)
        Attention(model: model, weights: weights, layer: index).run(layout, resources)
        addProduct(weights.output, resources.attentionInput, to: stream, resources)
        normalise(stream, weights.feedForwardNorm, resources)
        feedForward(stream, resources)
    }

    private func normalise(_ stream: Activations, _ weight: [Float], _ resources: StageResources) {
        resources.team.split(stream.rows, with: (stream, weight, model.epsilon, resources)) { work, rows in
            let (stream, weight, epsilon, resources) = work
            let (input, width) = (resources.hiddenInput, Int64(stream.width))
            resources.kernels.rms_norm(
                stream.values + rows.lowerBound * stream.width, width, weight, epsilon, Int64(rows.count), width,
                input.row(rows.lowerBound), width)
            input.quantise(rows, with: resources.kernels)
        }
    }

    private func project(_ rows: Int, _ resources: StageResources) {
        let stride = resources.projectedStride
        let key = resources.padded(model.queryWidth)
        let value = key + resources.padded(model.kvWidth)
        let out = resources.projected.base
        let products = JoinedProducts(
            MatrixProduct(matrix: weights.query, out: out, stride: stride),
            MatrixProduct(matrix: weights.key, out: out + key, stride: stride),
            MatrixProduct(matrix: weights.value, out: out + value, stride: stride))
        products.run(input: resources.hiddenInput, rows: rows, resources)
    }

    private func feedForward(_ stream: Activations, _ resources: StageResources) {
        // Whole blocks of 32 columns at a time.
        let unit = Int(TW_BLOCK) / Int(TW_PANEL)
        let panels = weights.gate.panels
        let least = JoinedProducts.leastPiece(of: unit * (weights.gate.panelBytes + weights.up.panelBytes))
        let work = (self, stream.rows, unit, resources)
        resources.team.share((panels + unit - 1) / unit, least: least, with: work) { work, pieces, member in
            let (layer, rows, unit, resources) = work
            for piece in pieces {
                let own = piece.lowerBound * unit..<min(piece.upperBound * unit, layer.weights.gate.panels)
                layer.gateAndUp(own, rows, resources, member: member)
            }
        }
        addProduct(weights.down, resources.gatedInput, to: stream, resources)
    }

    /// Some panels of gate and up, and what becomes of them: a few at a time, so that they are still near.
    private func gateAndUp(_ own: Range<Int>, _ rows: Int, _ resources: StageResources, member: Int) {
        let (width, gated) = (model.feedForward, resources.gatedInput)
        let gate = MatrixProduct(matrix: weights.gate, out: gated.values.base, stride: width)
        let up = MatrixProduct(matrix: weights.up, out: resources.up.base, stride: width)
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

    private func addProduct(
        _ matrix: PackedMatrix, _ input: MatrixInput, to stream: Activations, _ resources: StageResources
    ) {
        let product = MatrixProduct(matrix: matrix, out: stream.values, stride: model.hidden, accumulates: true)
        JoinedProducts(product).run(input: input, rows: stream.rows, resources)
    }
}
