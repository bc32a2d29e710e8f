import CKernels

extension KernelMeasurement {
    /// Input columns of the weights.
    private static let columns = 1024
    /// Panels of 16 output rows in one call on weights from memory: a matrix of 1,024 rows.
    private static let coldPanels = 64
    /// Panels in one call on weights from a cache: a matrix of 256 rows.
    private static let warmPanels = 16

    /// Products with weights in every packed format.
    func products(_ report: (KernelFigure) -> Void) {
        let formats: [(format: tw_format, name: String, limit: KernelFigure.Limit)] = [
            (TW_FORMAT_Q4_0, "q4_0", .int4), (TW_FORMAT_Q4_1, "q4_1", .int4), (TW_FORMAT_Q4_K, "q4_K", .int4),
            (TW_FORMAT_Q5_0, "q5_0", .int8), (TW_FORMAT_Q5_1, "q5_1", .int8), (TW_FORMAT_Q5_K, "q5_K", .int8),
            (TW_FORMAT_Q6_K, "q6_K", .int8), (TW_FORMAT_Q8_0, "q8_0", .int8), (TW_FORMAT_S8, "s8", .int8),
            (TW_FORMAT_F32, "f32", .f32),
        ]
        for (format, name, limit) in formats {
            for isCold in [true, false] {
                let weights = weights(format, isCold: isCold)
                for rows in options.rows {
                    let product = KernelProduct(
                        kernels: set.table, format: format, columns: Self.columns, rows: rows, weights: weights,
                        members: timer.team.count)
                    let operations = Double(2 * rows * Self.columns * Int(TW_PANEL))
                    let bytes = Double(weights.panelBytes)
                    report(
                        KernelFigure(
                            kernels: set.name, name: "gemm", format: name, rows: rows, context: nil, isCold: isCold,
                            operations: operations, bytes: bytes, timing: timer.measure(product.run),
                            least: ceilings.least(operations, limit, bytes: bytes, isCold: isCold)))
                }
            }
        }
    }

    private func weights(_ format: tw_format, isCold: Bool) -> KernelProduct.Weights {
        let panelBytes = Int(tw_panel_bytes(format, Int64(Self.columns)))
        let count = isCold ? max(1, options.coldBytes / panelBytes / timer.team.count) : Self.warmPanels
        return KernelProduct.Weights(
            memory: KernelMemory(byteCount: count * timer.team.count * panelBytes), panelBytes: panelBytes,
            panelsOfMember: count, panelsOfCall: isCold ? Self.coldPanels : Self.warmPanels)
    }
}

/// The product of some activation rows with panels of weights; a unit is one panel.
struct KernelProduct {
    /// Each member's panels, one after the other.
    struct Weights {
        let memory: KernelMemory
        let panelBytes: Int
        let panelsOfMember: Int
        let panelsOfCall: Int
    }

    private let kernels: tw_kernels
    private let format: tw_format
    private let columns: Int
    private let rows: Int
    private let weights: Weights
    private let values: KernelMemory
    private let quantised: KernelMemory
    private let scales: KernelMemory
    private let outputs: [KernelMemory]
    private let scratch: [KernelMemory]
    private let cursors: [KernelCursor]

    init(kernels: tw_kernels, format: tw_format, columns: Int, rows: Int, weights: Weights, members: Int) {
        (self.kernels, self.format, self.columns, self.rows) = (kernels, format, columns, rows)
        self.weights = weights
        values = KernelMemory(byteCount: rows * columns * 4)
        quantised = KernelMemory(byteCount: rows * columns)
        // Scales, scaled sums and offsets: 4 numbers per block.
        scales = KernelMemory(byteCount: rows * columns / Int(TW_BLOCK) * 4 * 4)
        outputs = (0..<members).map { _ in
            KernelMemory(byteCount: rows * weights.panelsOfCall * Int(TW_PANEL) * 4)
        }
        scratch = (0..<members).map { _ in KernelMemory(byteCount: columns * Int(TW_PANEL) * 4) }
        cursors = (0..<members).map { _ in KernelCursor() }
    }

    func run(member: Int, units: Int) {
        let first = weights.memory.base + member * weights.panelsOfMember * weights.panelBytes
        let (out, scratch) = (outputs[member].floats, scratch[member].floats)
        let stride = Int64(weights.panelsOfCall * Int(TW_PANEL))
        let blocks = rows * columns / Int(TW_BLOCK)
        let input = tw_quantised_rows(
            q: quantised.base.assumingMemoryBound(to: Int8.self), scale: scales.floats,
            scaled_sum: scales.floats + blocks,
            offset: (scales.base + 8 * blocks).assumingMemoryBound(to: Int32.self))
        cursors[member].walk(units, of: weights.panelsOfMember, most: weights.panelsOfCall) { range in
            let panels = first + range.lowerBound * weights.panelBytes
            let count = Int64(range.count)
            if format == TW_FORMAT_F32 {
                kernels.gemm_f32(
                    format, panels, 0, count, Int64(columns), values.floats, Int64(rows), out, stride, false, scratch)
            } else {
                kernels.gemm_quantised(
                    format, panels, 0, count, Int64(columns), input, Int64(rows), out, stride, false)
            }
        }
    }
}
