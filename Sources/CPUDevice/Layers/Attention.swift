import CKernels

/// Softmax attention of every row over its own sequence's blocks, for one layer: from the projected queries, keys and
/// values to quantised outputs.
struct Attention {
    let model: ModelConfiguration
    let weights: LayerWeights
    let layer: Int

    /// Reads `resources.projected`, leaves the heads' outputs in `resources.attentionInput`.
    ///
    /// A decode step that is one task is done in one go, while its data is near. Rows that several tasks share have
    /// their keys and values stored before all of them, and their outputs quantised after.
    func run(_ layout: BatchLayout, _ resources: StageResources) {
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
        let key = query + resources.padded(model.queryWidth)
        let value = key + resources.padded(model.kvWidth)
        let position = layout.positions[row]
        addBias(query, key, value, resources.kernels)
        rotate(query, heads: model.heads, norm: weights.queryNorm, position: position, resources)
        rotate(key, heads: model.kvHeads, norm: weights.keyNorm, position: position, resources)
        let block = layout.slices[layout.sliceOfRow[row]].blocks[position / Int(TW_KV_BLOCK)]
        let offset = Int(block) * resources.cache.blockStride
        for head in 0..<model.kvHeads {
            resources.kernels.store_kv(
                resources.cache.type.kernelType, key + head * model.headDim, value + head * model.headDim,
                Int64(model.headDim), Int64(position % Int(TW_KV_BLOCK)),
                resources.cache.head(head, layer: layer) + offset)
        }
    }

    private func addBias(
        _ query: UnsafeMutablePointer<Float>, _ key: UnsafeMutablePointer<Float>, _ value: UnsafeMutablePointer<Float>,
        _ kernels: tw_kernels
    ) {
        guard let bias = weights.bias else { return }
        bias.withUnsafeBufferPointer { bias in
            let base = bias.baseAddress!
            kernels.add(query, base, Int64(model.queryWidth))
            kernels.add(key, base + model.queryWidth, Int64(model.kvWidth))
            kernels.add(value, base + model.queryWidth + model.kvWidth, Int64(model.kvWidth))
        }
    }

    private func rotate(
        _ vector: UnsafeMutablePointer<Float>, heads: Int, norm: [Float]?, position: Int, _ resources: StageResources
    ) {
        let width = Int64(model.headDim)
        if let norm {
            resources.kernels.rms_norm(vector, width, norm, model.epsilon, Int64(heads), width, vector, width)
        }
        resources.rotary.withTables { cosines, sines in
            let offset = position * resources.rotary.pairs
            resources.kernels.rope(
                vector, Int64(heads), width, cosines + offset, sines + offset, Int64(resources.rotary.pairs),
                model.rotation == .interleaved)
        }
    }

    private func attend(
        _ task: BatchLayout.AttentionTask, _ layout: BatchLayout, _ resources: StageResources,
        _ scratch: UnsafeMutablePointer<Float>
    ) {
        let slice = layout.slices[task.slice]
        let row = slice.rows.lowerBound + task.rows.lowerBound
        let firstHead = task.kvHeads.lowerBound * model.group * model.headDim
        slice.blocks.withUnsafeBufferPointer { blocks in
            var job = tw_attention()
            job.q = UnsafePointer(resources.projected.base + row * resources.projectedStride + firstHead)
            job.q_stride = Int64(resources.projectedStride)
            job.out = resources.attentionInput.row(row) + firstHead
            job.out_stride = Int64(model.queryWidth)
            job.rows = Int64(task.rows.count)
            job.first_position = Int64(slice.start + task.rows.lowerBound)
            job.heads = Int64(task.kvHeads.count)
            job.group = Int64(model.group)
            job.head_dim = Int64(model.headDim)
            job.blocks = blocks.baseAddress
            job.kv_type = resources.cache.type.kernelType
            job.cache = UnsafePointer(resources.cache.head(task.kvHeads.lowerBound, layer: layer))
            job.block_stride = Int64(resources.cache.blockStride)
            job.head_stride = Int64(resources.cache.headStride)
            job.scale = 1 / Float(model.headDim).squareRoot()
            job.scratch = scratch
            resources.kernels.attend(&job)
        }
    }
}
