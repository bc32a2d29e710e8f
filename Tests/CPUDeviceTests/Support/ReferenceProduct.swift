/// A product of activation rows with a weight matrix by definition, in f64, with a bound on what f32 may be off by.
struct ReferenceProduct {
    /// [rows of x][paddedRows]
    private(set) var values: [Double] = []
    private(set) var bound: [Double] = []

    /// - Parameter start: what the product is added to.
    init(_ x: [Double], _ weights: PackedWeights, onto start: [Float]? = nil) {
        let columns = weights.columns
        for row in 0..<x.count / columns {
            for output in 0..<weights.paddedRows {
                let before = start.map { Double($0[row * weights.paddedRows + output]) } ?? 0
                guard output < weights.rows else {
                    values.append(before)
                    bound.append(0)
                    continue
                }
                let (sum, size) = Self.dot(x[row * columns..<(row + 1) * columns], weights.row(output))
                values.append(before + sum)
                // The longest chain of roundings: one a column in f32, fewer with 8-bit activations.
                bound.append(Double(columns + 4) * unitRoundoff * (size + abs(before)))
            }
        }
    }

    /// The sum, and the sum of its terms' sizes. A term counts with four times the largest weight of its block, since
    /// a weight near 0 may be the difference of scale * q and the minimum.
    private static func dot(_ x: ArraySlice<Double>, _ w: ArraySlice<Float>) -> (sum: Double, size: Double) {
        var (sum, size) = (0.0, 0.0)
        for offset in stride(from: 0, to: x.count, by: 32) {
            let end = min(offset + 32, x.count)
            let xs = x[x.startIndex + offset..<x.startIndex + end]
            let ws = w[w.startIndex + offset..<w.startIndex + end]
            sum += zip(xs, ws).reduce(0) { $0 + $1.0 * Double($1.1) }
            size += xs.reduce(0) { $0 + abs($1) } * 4 * Double(ws.reduce(0) { max($0, abs($1)) })
        }
        return (sum, size)
    }
}
