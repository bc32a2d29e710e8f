import CKernels

/// One product of activation rows with a weight matrix: out[row] (+)= matrix . input[row].
struct MatrixProduct {
    let matrix: PackedMatrix
    let out: UnsafeMutablePointer<Float>
    /// Elements from one output row to the next; at least the matrix's rows, rounded up to whole panels.
    let stride: Int
    var accumulates = false

    /// Bytes of weights that a member of a team takes at a time at the least: it reads them in some three microseconds.
    /// Smaller pieces cost more than they even out, since what is another's comes from memory without a running start.
    private static let pieceBytes = 64 << 10

    /// Runs products that share their input, their panels shared out over the team.
    static func run(_ products: [MatrixProduct], input: MatrixInput, rows: Int, _ resources: ComputeResources) {
        let total = products.reduce(0) { $0 + $1.matrix.panels }
        let least = leastPiece(of: products.reduce(0) { max($0, $1.matrix.panelBytes) })
        resources.team.share(total, least: least) { pieces, member in
            // Of the panels of all products laid end to end.
            for piece in pieces {
                var first = 0
                for product in products {
                    let own = piece.clamped(to: first..<first + product.matrix.panels)
                    if !own.isEmpty {
                        let panels = own.lowerBound - first..<own.upperBound - first
                        product.run(panels, input: input, rows: rows, resources, member: member)
                    }
                    first += product.matrix.panels
                }
            }
        }
    }

    /// Units of weights of so many bytes that a member takes at a time at the least.
    static func leastPiece(of unitBytes: Int) -> Int { max(1, pieceBytes / unitBytes) }

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
