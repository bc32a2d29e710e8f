import CKernels

/// Activation rows in 8 bits, as the kernels make them.
struct QuantisedRows {
    let columns: Int
    var q: [Int8]
    var scale: [Float]
    var scaledSum: [Float]
    var offset: [Int32]

    /// What stands where no kernel has written.
    static let untouched = (q: Int8(55), scale: Float(-1), offset: Int32(77))

    /// - Parameter range: the columns to quantise, cut at multiples of 32; nil for all.
    init(_ x: [Float], columns: Int, range: Range<Int>? = nil, with kernels: KernelSet) {
        self.columns = columns
        q = [Int8](repeating: Self.untouched.q, count: x.count)
        scale = [Float](repeating: Self.untouched.scale, count: x.count / 32)
        scaledSum = scale
        offset = [Int32](repeating: Self.untouched.offset, count: x.count / 16)
        quantise(x, columns: range ?? 0..<columns, with: kernels)
    }

    /// Quantises some columns of all rows and leaves the others as they are.
    mutating func quantise(_ x: [Float], columns range: Range<Int>, with kernels: KernelSet) {
        let (rows, count, width) = (Int64(x.count / columns), Int64(range.count), Int64(columns))
        x.withUnsafeBufferPointer { x in
            withRows { out in
                let first = tw_quantised_rows(
                    q: out.q + range.lowerBound, scale: out.scale + range.lowerBound / 32,
                    scaled_sum: out.scaled_sum + range.lowerBound / 32, offset: out.offset + range.lowerBound / 16)
                kernels.table.quantise_rows(x.baseAddress! + range.lowerBound, rows, count, width, first)
            }
        }
    }

    /// The same by definition, in plain Swift.
    init(reference x: [Float], columns: Int) {
        self.columns = columns
        (q, scale, scaledSum, offset) = ([], [], [], [])
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
            for half in [quants[..<16], quants[16...]] { offset.append(-128 * half.reduce(0) { $0 + Int32($1) }) }
        }
    }

    var rows: Int { q.count / columns }

    /// The values that the 8-bit numbers stand for.
    var values: [Double] { q.indices.map { Double(scale[$0 / 32]) * Double(q[$0]) } }

    /// Rows of the whole, as an input of their own.
    func part(_ range: Range<Int>) -> QuantisedRows {
        var part = self
        func rows<Element>(_ list: [Element], by width: Int) -> [Element] {
            Array(list[range.lowerBound * width..<range.upperBound * width])
        }
        part.q = rows(q, by: columns)
        part.scale = rows(scale, by: columns / 32)
        part.scaledSum = rows(scaledSum, by: columns / 32)
        part.offset = rows(offset, by: columns / 16)
        return part
    }

    /// Calls `body` with the rows as kernels take them.
    mutating func withRows(_ body: (tw_quantised_rows) -> Void) {
        q.withUnsafeMutableBufferPointer { q in
            scale.withUnsafeMutableBufferPointer { scale in
                scaledSum.withUnsafeMutableBufferPointer { sums in
                    offset.withUnsafeMutableBufferPointer { offset in
                        body(
                            tw_quantised_rows(
                                q: q.baseAddress, scale: scale.baseAddress, scaled_sum: sums.baseAddress,
                                offset: offset.baseAddress))
                    }
                }
            }
        }
    }
}
