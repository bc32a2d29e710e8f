/// Turns stored weights into floats, one element at a time in plain Swift: the definition of each type, and the oracle
/// for the fast kernels.
///
/// Every product and sum is rounded to `Float` in the same order as in the formats' reference implementation, so
/// results agree with that implementation bit for bit.
public enum Dequantize {
    /// All elements of `view`, `view.info.elementCount` of them, row after row.
    public static func floats(_ view: TensorView) -> [Float] {
        view.withUnsafeBytes { decode($0, view.info.type) }
    }

    /// The elements of the rows `rows` of `view`, `view.info.columnCount` for each.
    ///
    /// Throws `badShape` where `rows` does not lie in `0..<view.info.rowCount`.
    public static func floats(_ view: TensorView, rows: Range<Int>) throws(ModelFileError) -> [Float] {
        guard rows.lowerBound >= 0, rows.upperBound <= view.info.rowCount else {
            throw ModelFileError(
                .badShape,
                "rows \(rows) of tensor \(quoted(view.info.name)) were asked for; it has \(view.info.rowCount)")
        }
        return view.withUnsafeBytes(ofRows: rows) { decode($0, view.info.type) }
    }

    /// The elements that `bytes`, whole blocks of type `type`, encode.
    ///
    /// Throws `badShape` where the number of bytes is not a multiple of the block's size.
    public static func floats(_ bytes: [UInt8], type: TensorType) throws(ModelFileError) -> [Float] {
        guard bytes.count.isMultiple(of: type.bytesPerBlock) else {
            throw ModelFileError(
                .badShape,
                "\(bytes.count) bytes were given; blocks of type \(type) have \(type.bytesPerBlock) bytes")
        }
        return bytes.withUnsafeBytes { decode($0, type) }
    }

    private static func decode(_ bytes: UnsafeRawBufferPointer, _ type: TensorType) -> [Float] {
        let blockCount = bytes.count / type.bytesPerBlock
        let count = blockCount * type.elementsPerBlock
        return [Float](unsafeUninitializedCapacity: count) { output, initializedCount in
            for index in 0..<blockCount {
                let start = index * type.bytesPerBlock
                let block = Block(bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<start + type.bytesPerBlock]))
                let first = index * type.elementsPerBlock
                block.decode(type) { output.initializeElement(at: first + $0, to: $1) }
            }
            initializedCount = count
        }
    }
}

extension Float {
    /// The value of an IEEE half-precision number; the payload of a NaN is kept.
    init(half bits: UInt16) {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10 & 0x1F)
        let fraction = UInt32(bits & 0x3FF)
        switch exponent {
        case 0:
            // Zero and subnormal numbers count units of 2^-24, which single precision holds exactly.
            let magnitude = Float(fraction) * 0x1p-24
            self = Float(bitPattern: sign | magnitude.bitPattern)
        case 31:
            self = Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default:
            self = Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }

    /// The value of a brain-float number: the upper half of a single-precision number.
    init(brain bits: UInt16) {
        self = Float(bitPattern: UInt32(bits) << 16)
    }
}
