/// A matrix that a product reads: element (row, column) is at `row * rowStride + column * columnStride`.
struct MatrixReading {
    let numbers: UnsafePointer<Float>
    let rowStride: Int
    let columnStride: Int
}

/// `sum[rows × columns] += left[rows × depth] · right[depth × columns]`, where `sum` and `right` are contiguous in
/// row-major order. The inner loop runs along the columns, so that it is vectorized; the order of the sums is fixed.
func addProduct(
    _ left: MatrixReading, _ right: UnsafePointer<Float>, to sum: UnsafeMutablePointer<Float>, rows: Int, depth: Int,
    columns: Int
) {
    for row in 0..<rows {
        let sum = sum + row * columns
        let factors = left.numbers + row * left.rowStride
        var step = 0
        while step + 4 <= depth {
            let a = factors[step * left.columnStride]
            let b = factors[(step + 1) * left.columnStride]
            let c = factors[(step + 2) * left.columnStride]
            let d = factors[(step + 3) * left.columnStride]
            let first = right + step * columns
            let (second, third, fourth) = (first + columns, first + 2 * columns, first + 3 * columns)
            for column in 0..<columns {
                sum[column] += (a * first[column] + b * second[column]) + (c * third[column] + d * fourth[column])
            }
            step += 4
        }
        while step < depth {
            let a = factors[step * left.columnStride]
            let line = right + step * columns
            for column in 0..<columns { sum[column] += a * line[column] }
            step += 1
        }
    }
}
