import CKernels

/// One decoder layer: x += attention(norm(x)); x += feedForward(norm(x)).
///
/// Each row's values depend on that row and, through the KV cache, on its own sequence alone. Sums run in one order
/// whatever the batch (see CKernels), so a row's bits do not depend on what it was batched with.
struct DecoderLayer: Sendable {
    private let weights: LayerWeights
    private let model: ModelConfiguration
    /// The layer's place among those of its stage.
    private let index: Int

    init(_ weights: LayerWeights, model: ModelConfiguration, index: Int) {
        self.weights = weights
        self.model = model
        self.index = index
    }

    func run(_ stream: Activations, _ layout: BatchLayout, _ resources: StageResources) {
        normalise(stream, weights.attentionNorm, resources)
        project(layout.rows, resources)
        storeKeysAndValues(layout, resources)
        Attention(model: model, layer: index).run(layout, resources)
        addProduct(weights.output, resources.attentionInput, to: stream, resources)
        normalise(stream, weights.feedForwardNorm, resources)
        feedForward(stream, resources)
    }

    private func normalise(_ stream: Activations, _ weight: [Float], _ resources: StageResources) {
        let input = resources.hiddenInput
        let width = Int64(model.hidden)
        resources.team.split(stream.rows) { rows in
            resources.kernels.rms_norm(
                stream.values + rows.lowerBound * model.hidden, width, weight, model.epsilon, Int64(rows.count), width,
                input.row(rows.lowerBound), width)
            input.quantise(rows, with: resources.kernels)
        }
    }

    private func project(_ rows: Int, _ resources: StageResources) {
        let stride = resources.projectedStride
        let key = resources.padded(model.queryWidth)
        let value = key + resources.padded(model.kvWidth)
        let out = resources.projected.base
        let products = [
            MatrixProduct(matrix: weights.query, out: out, stride: stride),
            MatrixProduct(matrix: weights.key, out: out + key, stride: stride),
            MatrixProduct(matrix: weights.value, out: out + value, stride: stride),
        ]
        MatrixProduct.run(products, input: resources.hiddenInput, rows: rows, resources)
    }

    /// Adds biases, norms and rotates queries and keys, and writes keys and values into the cache.
    private func storeKeysAndValues(_ layout: BatchLayout, _ resources: StageResources) {
        resources.team.split(layout.rows) { rows in
            resources.rotary.withTables { cosines, sines in
                for row in rows {
                    let offset = layout.positions[row] * resources.rotary.pairs
                    finish(row, cosine: cosines + offset, sine: sines + offset, resources)
                    store(row, layout, resources)
                }
            }
        }
    }

    private func finish(
        _ row: Int, cosine: UnsafePointer<Float>, sine: UnsafePointer<Float>, _ resources: StageResources
    ) {
        let query = resources.projected.base + row * resources.projectedStride
        let key = query + resources.padded(model.queryWidth)
        let value = key + resources.padded(model.kvWidth)
        let kernels = resources.kernels
        if let bias = weights.bias {
            bias.withUnsafeBufferPointer { bias in
                let base = bias.baseAddress!
                kernels.add(query, base, Int64(model.queryWidth))
                kernels.add(key, base + model.queryWidth, Int64(model.kvWidth))
                kernels.add(value, base + model.queryWidth + model.kvWidth, Int64(model.kvWidth))
            }
        }
        for (vector, heads, norm) in [(query, model.heads, weights.queryNorm), (key, model.kvHeads, weights.keyNorm)] {
            let width = Int64(model.headDim)
            if let norm {
                kernels.rms_norm(vector, width, norm, model.epsilon, Int64(heads), width, vector, width)
            }
            kernels.rope(
                vector, Int64(heads), width, cosine, sine, Int64(resources.rotary.pairs),
                model.rotation == .interleaved)
        }
    }

    private func store(_ row: Int, _ layout: BatchLayout, _ resources: StageResources) {
        let key = resources.projected.base + row * resources.projectedStride + resources.padded(model.queryWidth)
        let value = key + resources.padded(model.kvWidth)
        let position = layout.positions[row]
        let block = layout.slices[layout.sliceOfRow[row]].blocks[position / Int(TW_KV_BLOCK)]
        let offset = Int(block) * resources.cache.blockStride
        for head in 0..<model.kvHeads {
            resources.kernels.store_kv(
                key + head * model.headDim, value + head * model.headDim, Int64(model.headDim),
                Int64(position % Int(TW_KV_BLOCK)), resources.cache.keys(layer: index, head: head) + offset,
                resources.cache.values(layer: index, head: head) + offset)
        }
    }

    private func feedForward(_ stream: Activations, _ resources: StageResources) {
        let rows = stream.rows
        let width = model.feedForward
        let gated = resources.gatedInput
        let products = [
            MatrixProduct(matrix: weights.gate, out: gated.values.base, stride: width),
            MatrixProduct(matrix: weights.up, out: resources.up.base, stride: width),
        ]
        MatrixProduct.run(products, input: resources.hiddenInput, rows: rows, resources)
        resources.team.split(rows) { rows in
            let first = rows.lowerBound
            resources.kernels.silu_multiply(
                gated.row(first), resources.up.base + first * width, Int64(rows.count), Int64(width), Int64(width))
            gated.quantise(rows, with: resources.kernels)
        }
        addProduct(weights.down, gated, to: stream, resources)
    }

    private func addProduct(
        _ matrix: PackedMatrix, _ input: MatrixInput, to stream: Activations, _ resources: StageResources
    ) {
        let product = MatrixProduct(matrix: matrix, out: stream.values, stride: model.hidden, accumulates: true)
        MatrixProduct.run([product], input: input, rows: stream.rows, resources)
    }
}
