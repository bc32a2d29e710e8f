import CKernels

/// One product of activation rows with a weight matrix: out[row] (+)= matrix . input[row].
struct MatrixProduct {
    let matrix: PackedMatrix
    let out: UnsafeMutablePointer<Float>
    /// Elements from one output row to the next; at least the matrix's rows, rounded up to whole panels.
    let stride: Int
    var accumulates = false

    /// Runs products that share their input, their panels split over the team.
    static func run(_ products: [MatrixProduct], input: MatrixInput, rows: Int, _ resources: ComputeResources) {
        let total = products.reduce(0) { $0 + $1.matrix.panels }
        let count = resources.team.count
        resources.team.run { member in
            // Each member's share of the panels of all products laid end to end.
            let share = (total * member / count)..<(total * (member + 1) / count)
            var first = 0
            for product in products {
                let own = share.clamped(to: first..<first + product.matrix.panels)
                if !own.isEmpty {
                    let panels = own.lowerBound - first..<own.upperBound - first
                    product.run(panels, input: input, rows: rows, resources, member: member)
                }
                first += product.matrix.panels
            }
        }
    }

    /// Runs the product for some panels on the member that calls.
    /// - Parameter first: the row of the input that belongs to the first output row.
    func run(
        _ panels: Range<Int>, input: MatrixInput, from first: Int = 0, rows: Int, _ resources: ComputeResources,
        member: Int
    ) {
        let (begin, end, k) = (Int64(panels.lowerBound), Int64(panels.upperBound), Int64(matrix.columns))
        let (m, stride) = (Int64(rows), Int64(stride))
        if matrix.isQuantised && resources.precision == .int8 {
            resources.kernels.gemm_quantised(
                matrix.format, matrix.base, begin, end, k, input.quantised(row: first), m, out, stride, accumulates)
        } else {
            resources.kernels.gemm_f32(
                matrix.format, matrix.base, begin, end, k, input.row(first), m, out, stride, accumulates,
                resources.scratch(member))
        }
    }
}
