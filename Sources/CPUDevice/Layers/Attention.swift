import CKernels
import ModelFiles

/// The attention of one layer: softmax attention of every row over its own sequence's blocks.
struct Attention: Sendable {
    private let query: PackedMatrix
    private let key: PackedMatrix
    private let value: PackedMatrix
    private let output: PackedMatrix
    /// Query, key and value biases, one after the other; nil if the layer has none.
    private let bias: [Float]?
    /// The query norm's weights, one for each dimension of a head; nil if the layer has no such norm.
    private let queryNorm: [Float]?
    /// The key norm's weights, one for each dimension of a head; nil if the layer has no such norm.
    private let keyNorm: [Float]?
    private let normEpsilon: Float
    private let pairing: RotaryPairing
    private let scale: Float
    private let sizes: LayerSizes
    private let layer: Int

    init(_ store: WeightStore, model: CPUModel, layer: Int) throws {
        let spec = model.plan.layers[layer].attention
        func matrix(_ part: TensorRole.Part) throws -> PackedMatrix { try store.matrix(TensorRole(part, layer: layer)) }
        func vector(_ part: TensorRole.Part, _ kind: TensorRole.Kind = .weight) throws -> [Float] {
            try store.vector(TensorRole(part, kind, layer: layer))
        }
        query = try matrix(.query)
        key = try matrix(.key)
        value = try matrix(.value)
        bias = spec.hasInputBias ? try vector(.query, .bias) + vector(.key, .bias) + vector(.value, .bias) : nil
        queryNorm = spec.queryKeyNorm == nil ? nil : try vector(.queryNorm)
        keyNorm = spec.queryKeyNorm == nil ? nil : try vector(.keyNorm)
        output = try matrix(.attentionOutput)
        normEpsilon = spec.queryKeyNorm?.epsilon ?? 0
        pairing = model.rotation.pairing
        scale = spec.scale
        sizes = model.sizes
        self.layer = layer
    }

    /// Reads the normed rows in `resources.hiddenInput`, and adds the attention's output to the residual stream.
    func run(_ stream: Activations, _ layout: BatchLayout, _ resources: StageResources) {
        project(layout.rows, resources)
        attend(layout, resources)
        MatrixProduct.add(output, resources.attentionInput, to: stream, resources)
    }

    private func project(_ rows: Int, _ resources: StageResources) {
        let stride = resources.projectedStride
        let keys = resources.padded(sizes.queryWidth)
        let values = keys + resources.padded(sizes.kvWidth)
        let out = resources.projected.base
        let products = JoinedProducts(
            MatrixProduct(matrix: query, out: out, stride: stride),
            MatrixProduct(matrix: key, out: out + keys, stride: stride),
            MatrixProduct(matrix: value, out: out + values, stride: stride))
        products.run(input: resources.hiddenInput, rows: rows, resources)
    }

    /// Computes the heads' outputs from the queries, keys and values in `resources.projected`, and leaves them,
    /// quantised, in `resources.attentionInput`.
    ///
    /// A decode step that is one task stores, attends and quantises in one go, while its data is in the cache. For rows
    /// that several tasks share, the keys and values are stored before the first task, and the outputs are quantised
    /// after the last.
    private func attend(_ layout: BatchLayout, _ resources: StageResources) {
        let work = (self, layout, resources)
        resources.team.split(layout.sharedRows.count, with: work) { work, rows in
            let (attention, layout, resources) = work
            for row in layout.sharedRows[rows] { attention.store(row, layout, resources) }
        }
        resources.team.forEach(layout.tasks.count, with: work) { work, index, member in
            let (attention, layout, resources) = work
            let task = layout.tasks[index]
            let row = layout.slices[task.slice].rows.lowerBound
            if task.isWholeStep { attention.store(row, layout, resources) }
            attention.attend(task, layout, resources, resources.scratch(member))
            if task.isWholeStep { resources.attentionInput.quantise(row..<row + 1, with: resources.kernels) }
        }
        resources.team.split(layout.sharedRows.count, with: work) { work, rows in
            let (_, layout, resources) = work
            for row in layout.sharedRows[rows] {
                resources.attentionInput.quantise(row..<row + 1, with: resources.kernels)
            }
        }
    }

    /// Adds biases to a row's query, key and value, norms and rotates query and key, and writes key and value into the
    /// cache.
    private func store(_ row: Int, _ layout: BatchLayout, _ resources: StageResources) {
        let query = resources.projected.base + row * resources.projectedStride
        let key = query + resources.padded(sizes.queryWidth)
        let value = key + resources.padded(sizes.kvWidth)
        let position = layout.positions[row]
        addBias(query, key, value, resources.kernels)
        rotate(query, heads: sizes.heads, norm: queryNorm, position: position, resources)
        rotate(key, heads: sizes.kvHeads, norm: keyNorm, position: position, resources)
        let block = layout.slices[layout.sliceOfRow[row]].blocks[position / Int(TW_KV_BLOCK)]
        let offset = Int(block) * resources.cache.blockStride
        for head in 0..<sizes.kvHeads {
            resources.kernels.store_kv(
                resources.cache.type.kernelType, key + head * sizes.headDim, value + head * sizes.headDim,
                Int64(sizes.headDim), Int64(position % Int(TW_KV_BLOCK)),
                resources.cache.head(head, layer: layer) + offset)
        }
    }

    private func addBias(
        _ query: UnsafeMutablePointer<Float>, _ key: UnsafeMutablePointer<Float>, _ value: UnsafeMutablePointer<Float>,
        _ kernels: tw_kernels
    ) {
        guard let bias else { return }
        bias.withUnsafeBufferPointer { bias in
            let base = bias.baseAddress!
            kernels.add(query, base, Int64(sizes.queryWidth))
            kernels.add(key, base + sizes.queryWidth, Int64(sizes.kvWidth))
            kernels.add(value, base + sizes.queryWidth + sizes.kvWidth, Int64(sizes.kvWidth))
        }
    }

    private func rotate(
        _ vector: UnsafeMutablePointer<Float>, heads: Int, norm: [Float]?, position: Int, _ resources: StageResources
    ) {
        let width = Int64(sizes.headDim)
        if let norm {
            resources.kernels.rms_norm(vector, width, norm, normEpsilon, Int64(heads), width, vector, width)
        }
        resources.rotary.withTables { cosines, sines in
            let offset = position * resources.rotary.pairs
            resources.kernels.rope(
                vector, Int64(heads), width, cosines + offset, sines + offset, Int64(resources.rotary.pairs),
                pairing == .interleaved)
        }
    }

    private func attend(
        _ task: BatchLayout.AttentionTask, _ layout: BatchLayout, _ resources: StageResources,
        _ scratch: UnsafeMutablePointer<Float>
    ) {
        let slice = layout.slices[task.slice]
        let row = slice.rows.lowerBound + task.rows.lowerBound
        let firstHead = task.kvHeads.lowerBound * sizes.group * sizes.headDim
        slice.blocks.withUnsafeBufferPointer { blocks in
            var job = tw_attention()
            job.q = UnsafePointer(resources.projected.base + row * resources.projectedStride + firstHead)
            job.q_stride = Int64(resources.projectedStride)
            job.out = resources.attentionInput.row(row) + firstHead
            job.out_stride = Int64(sizes.queryWidth)
            job.rows = Int64(task.rows.count)
            job.first_position = Int64(slice.start + task.rows.lowerBound)
            job.heads = Int64(task.kvHeads.count)
            job.group = Int64(sizes.group)
            job.head_dim = Int64(sizes.headDim)
            job.blocks = blocks.baseAddress
            job.kv_type = resources.cache.type.kernelType
            job.cache = UnsafePointer(resources.cache.head(task.kvHeads.lowerBound, layer: layer))
            job.block_stride = Int64(resources.cache.blockStride)
            job.head_stride = Int64(resources.cache.headStride)
            job.scale = scale
            job.scratch = scratch
            resources.kernels.attend(&job)
        }
    }
}
