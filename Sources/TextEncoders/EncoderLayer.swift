import CKernels
import CPUDevice

/// One encoder layer: x = norm(x + attention(x)); x = norm(x + feedForward(x)).
///
/// Sums run in the same order in every batch (see CKernels), and a text's tokens attend to one another only, so a
/// text's bits do not depend on the other texts of its batch.
struct EncoderLayer: Sendable {
    private let model: EncoderConfiguration
    private let query: PackedMatrix
    private let key: PackedMatrix
    private let value: PackedMatrix
    /// The biases of query, key and value, one after the other.
    private let projectionBias: [Float]
    private let output: PackedMatrix
    private let outputBias: [Float]
    private let attentionNorm: EncoderNorm
    private let up: PackedMatrix
    private let upBias: [Float]
    private let down: PackedMatrix
    private let downBias: [Float]
    private let outputNorm: EncoderNorm
    /// Panels of the feed-forward that are computed before their results are activated.
    private static let panelsAtATime = 4

    init(_ tensors: EncoderTensors, layer: Int, _ model: EncoderConfiguration) throws {
        self.model = model
        let (hidden, wide) = (model.hidden, model.feedForward)
        let prefix = "encoder.layer.\(layer)."
        let attention = prefix + "attention.self."
        query = try tensors.matrix(attention + "query", rows: hidden, columns: hidden)
        key = try tensors.matrix(attention + "key", rows: hidden, columns: hidden)
        value = try tensors.matrix(attention + "value", rows: hidden, columns: hidden)
        projectionBias = try ["query", "key", "value"].flatMap { try tensors.bias(attention + $0, count: hidden) }
        output = try tensors.matrix(prefix + "attention.output.dense", rows: hidden, columns: hidden)
        outputBias = try tensors.bias(prefix + "attention.output.dense", count: hidden)
        attentionNorm = try EncoderNorm(tensors, prefix + "attention.output.LayerNorm", model)
        up = try tensors.matrix(prefix + "intermediate.dense", rows: wide, columns: hidden)
        upBias = try tensors.bias(prefix + "intermediate.dense", count: wide)
        down = try tensors.matrix(prefix + "output.dense", rows: hidden, columns: wide)
        downBias = try tensors.bias(prefix + "output.dense", count: hidden)
        outputNorm = try EncoderNorm(tensors, prefix + "output.LayerNorm", model)
    }

    /// Computes query, key and value of some rows.
    func project(_ tile: Range<Int>, _ resources: EncoderResources, member: Int) {
        let stride = resources.projectedStride
        let out = resources.projected.base + tile.lowerBound * stride
        for (index, matrix) in [query, key, value].enumerated() {
            MatrixProduct(matrix: matrix, out: out + index * model.hidden, stride: stride).run(
                0..<matrix.panels, input: resources.hidden, from: tile.lowerBound, rows: tile.count,
                resources.compute, member: member)
        }
        let width = Int64(stride)
        resources.kernels.add_bias(out, projectionBias, Int64(tile.count), width, width)
    }

    /// Computes attention: every head of every text is a task, which reads the projections of all of the text's rows.
    func attend(_ batch: EncoderBatch, _ resources: EncoderResources) {
        resources.team.forEach(batch.texts.count * model.heads) { task, member in
            let (text, head) = task.quotientAndRemainder(dividingBy: model.heads)
            attend(batch.texts[text], head: head, resources, scratch: resources.compute.scratch(member))
        }
    }

    private func attend(
        _ rows: Range<Int>, head: Int, _ resources: EncoderResources, scratch: UnsafeMutablePointer<Float>
    ) {
        let first = resources.projected.base + rows.lowerBound * resources.projectedStride + head * model.headDim
        var job = tw_text_attention(
            q: first, k: first + model.hidden, v: first + 2 * model.hidden, stride: Int64(resources.projectedStride),
            out: resources.attended.row(rows.lowerBound) + head * model.headDim, out_stride: Int64(model.hidden),
            tokens: Int64(rows.count), head_dim: Int64(model.headDim), scale: 1 / Float(model.headDim).squareRoot(),
            scratch: scratch)
        resources.kernels.attend_text(&job)
    }

    /// Computes what follows the attention heads, for some rows.
    func finish(_ tile: Range<Int>, _ resources: EncoderResources, member: Int) {
        resources.quantise(resources.attended, tile)
        add(output, outputBias, resources.attended, from: tile.lowerBound, to: tile, resources, member: member)
        attentionNorm.run(tile, resources)
        activate(tile, resources, member: member)
        add(down, downBias, resources.activated(member), from: 0, to: tile, resources, member: member)
        outputNorm.run(tile, resources)
    }

    /// Computes gelu(up x + bias), some panels at a time, so that their results are activated and rounded while they
    /// are in the cache.
    private func activate(_ tile: Range<Int>, _ resources: EncoderResources, member: Int) {
        let activated = resources.activated(member)
        let (width, panel, rows) = (model.feedForward, Int(TW_PANEL), tile.count)
        let product = MatrixProduct(matrix: up, out: activated.values.base, stride: width)
        for first in stride(from: 0, to: up.panels, by: Self.panelsAtATime) {
            let panels = first..<min(first + Self.panelsAtATime, up.panels)
            product.run(
                panels, input: resources.hidden, from: tile.lowerBound, rows: rows, resources.compute, member: member)
            let columns = first * panel..<panels.upperBound * panel
            upBias.withUnsafeBufferPointer { bias in
                resources.kernels.gelu(
                    product.out + columns.lowerBound, bias.baseAddress! + columns.lowerBound, Int64(rows),
                    Int64(columns.count), Int64(width))
            }
            resources.quantise(activated, 0..<rows, columns: columns)
        }
    }

    /// Adds a product and its bias to the hidden states of some rows.
    private func add(
        _ matrix: PackedMatrix, _ bias: [Float], _ input: MatrixInput, from first: Int, to tile: Range<Int>,
        _ resources: EncoderResources, member: Int
    ) {
        let (out, width) = (resources.hidden.row(tile.lowerBound), Int64(model.hidden))
        MatrixProduct(matrix: matrix, out: out, stride: model.hidden, accumulates: true).run(
            0..<matrix.panels, input: input, from: first, rows: tile.count, resources.compute, member: member)
        resources.kernels.add_bias(out, bias, Int64(tile.count), width, width)
    }
}
