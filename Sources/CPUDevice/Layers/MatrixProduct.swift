import CKernels

/// One product of activation rows with a weight matrix: out[row] (+)= matrix . input[row].
package struct MatrixProduct {
    package let matrix: PackedMatrix
    package let out: UnsafeMutablePointer<Float>
    /// Elements from one output row to the next; at least the matrix's rows, rounded up to whole panels.
    package let stride: Int
    package var accumulates: Bool

    package init(
        matrix: PackedMatrix, out: UnsafeMutablePointer<Float>, stride: Int, accumulates: Bool = false
    ) {
        self.matrix = matrix
        self.out = out
        self.stride = stride
        self.accumulates = accumulates
    }

    /// Adds the product of the input with a whole matrix to the residual stream.
    static func add(
        _ matrix: PackedMatrix, _ input: MatrixInput, to stream: Activations, _ resources: ComputeResources
    ) {
        let product = MatrixProduct(matrix: matrix, out: stream.values, stride: stream.width, accumulates: true)
        JoinedProducts(product).run(input: input, rows: stream.rows, resources)
    }

    /// Runs the product for some panels, as team member `member`.
    /// - Parameter first: the row of the input that belongs to the first output row.
    package func run(
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
