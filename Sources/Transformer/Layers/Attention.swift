import CKernels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Softmax attention of every row over its own sequence's blocks, for one layer.
struct Attention {
    let model: ModelConfiguration
    let layer: Int

    /// Reads queries from `resources.projected`, leaves the heads' outputs in `resources.attentionInput`.
    func run(_ layout: BatchLayout, _ resources: StageResources) {
        resources.team.forEach(layout.tasks.count) { task, member in
            attend(layout.tasks[task], layout, resources, resources.scratch(member))
        }
        resources.team.split(layout.rows) { rows in
            resources.attentionInput.quantise(rows, with: resources.kernels)
        }
    }

    private func attend(
        _ task: BatchLayout.AttentionTask, _ layout: BatchLayout, _ resources: StageResources,
        _ scratch: UnsafeMutablePointer<Float>
    ) {
        let slice = layout.slices[task.slice]
        let row = slice.rows.lowerBound + task.rows.lowerBound
        let firstHead = task.kvHead * model.group * model.headDim
        slice.blocks.withUnsafeBufferPointer { blocks in
            var job = tw_attention()
            job.q = UnsafePointer(resources.projected.base + row * resources.projectedStride + firstHead)
            job.q_stride = Int64(resources.projectedStride)
            job.out = resources.attentionInput.row(row) + firstHead
            job.out_stride = Int64(model.queryWidth)
            job.rows = Int64(task.rows.count)
            job.first_position = Int64(slice.start + task.rows.lowerBound)
            job.group = Int64(model.group)
            job.head_dim = Int64(model.headDim)
            job.blocks = blocks.baseAddress
            job.k = UnsafePointer(resources.cache.keys(layer: layer, head: task.kvHead))
            job.v = UnsafePointer(resources.cache.values(layer: layer, head: task.kvHead))
            job.block_stride = Int64(resources.cache.blockStride)
            job.scale = 1 / sqrtf(Float(model.headDim))
            job.scratch = scratch
            resources.kernels.attend(&job)
        }
    }
}
