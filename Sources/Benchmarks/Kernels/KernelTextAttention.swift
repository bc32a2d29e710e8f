import CKernels

extension KernelMeasurement {
    /// Bidirectional attention over a text, on data in a cache.
    func textAttention(_ report: (KernelFigure) -> Void) {
        for tokens in options.texts {
            let job = KernelTextAttention(kernels: set.table, tokens: tokens, members: timer.team.count)
            // Scores and values take a multiplication and an addition each.
            let operations = Double(4 * tokens * tokens * KernelTextAttention.headDim)
            // Query, key, value and output.
            let bytes = Double(4 * tokens * KernelTextAttention.headDim * MemoryLayout<Float>.stride)
            report(
                KernelFigure(
                    kernels: set.name, name: "text attention", format: nil, rows: tokens, context: tokens,
                    isCold: false, operations: operations, bytes: bytes, timing: timer.measure(job.run),
                    least: ceilings.least(operations, .f32, bytes: bytes, isCold: false)))
        }
    }
}

/// Each member's queries, keys and values of one text, side by side as in the projections of an encoder of 12 heads; a
/// unit is one head.
struct KernelTextAttention {
    static let headDim = 32
    private static let heads = 12

    private let kernels: tw_kernels
    private let tokens: Int
    private let projected: [KernelMemory]
    private let outputs: [KernelMemory]
    private let scratch: [KernelMemory]
    private let cursors: [KernelCursor]

    init(kernels: tw_kernels, tokens: Int, members: Int) {
        (self.kernels, self.tokens) = (kernels, tokens)
        let (panel, width) = (Int(TW_PANEL), Self.heads * Self.headDim)
        let padded = (tokens + panel - 1) / panel * panel + panel
        projected = (0..<members).map { _ in KernelMemory(floats: 3 * tokens * width, 0.5) }
        outputs = (0..<members).map { _ in KernelMemory(floats: tokens * width, 0) }
        scratch = (0..<members).map { _ in
            KernelMemory(floats: (2 * Self.headDim + Int(TW_TEXT_ROWS)) * padded, 0)
        }
        cursors = (0..<members).map { _ in KernelCursor() }
    }

    func run(member: Int, units: Int) {
        let width = Self.heads * Self.headDim
        cursors[member].walk(units, of: Self.heads, most: 1) { range in
            let own = projected[member].floats + range.lowerBound * Self.headDim
            var job = tw_text_attention()
            (job.q, job.k, job.v) = (UnsafePointer(own), UnsafePointer(own + width), UnsafePointer(own + 2 * width))
            job.stride = Int64(3 * width)
            job.out = outputs[member].floats + range.lowerBound * Self.headDim
            job.out_stride = Int64(width)
            job.tokens = Int64(tokens)
            job.head_dim = Int64(Self.headDim)
            job.scale = 0.177
            job.scratch = scratch[member].floats
            kernels.attend_text(&job)
        }
    }
}
