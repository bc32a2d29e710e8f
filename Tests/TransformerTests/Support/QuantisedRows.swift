import CKernels

/// Activation rows in 8 bits, as the kernels make them.
struct QuantisedRows {
    let columns: Int
    var q: [Int8]
    var scale: [Float]
    var scaledSum: [Float]

    init(_ x: [Float], columns: Int, with kernels: KernelSet) {
        self.columns = columns
        let rows = x.count / columns
        q = [Int8](repeating: 55, count: x.count)
        scale = [Float](repeating: -1, count: x.count / 32)
        scaledSum = scale
        kernels.table.quantise_rows(x, Int64(rows), Int64(columns), &q, &scale, &scaledSum)
    }

    /// The same by definition, in plain Swift.
    init(reference x: [Float], columns: Int) {
        self.columns = columns
        (q, scale, scaledSum) = ([], [], [])
        for start in stride(from: 0, to: x.count, by: 32) {
            let block = x[start..<start + 32]
            let highest = block.reduce(Float(0)) { $1.magnitude > $0 ? $1.magnitude : $0 }
            let inverse = highest > 1e-36 ? 127 / highest : 0
            let quants = block.map { value in
                let scaled = (value * inverse).rounded(.toNearestOrEven)
                return scaled.isNaN ? 0 : Int8(scaled)
            }
            q += quants
            scale.append(highest / 127)
            scaledSum.append(scale.last! * Float(quants.reduce(0) { $0 + Int($1) }))
        }
    }

    var rows: Int { q.count / columns }

    /// The values that the 8-bit numbers stand for.
    var values: [Double] { q.indices.map { Double(scale[$0 / 32]) * Double(q[$0]) } }

    /// Rows of the whole, as an input of their own.
    func part(_ range: Range<Int>) -> QuantisedRows {
        var part = self
        let blocks = columns / 32
        part.q = Array(q[range.lowerBound * columns..<range.upperBound * columns])
        part.scale = Array(scale[range.lowerBound * blocks..<range.upperBound * blocks])
        part.scaledSum = Array(scaledSum[range.lowerBound * blocks..<range.upperBound * blocks])
        return part
    }
}
