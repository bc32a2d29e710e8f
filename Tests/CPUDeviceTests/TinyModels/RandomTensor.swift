import ModelFiles
import TestTools

extension GGUFBuilder.Tensor {
    /// A random matrix [rows, columns] of any type, with a mean near 0 and a standard deviation of about `deviation`.
    ///
    /// Quantised blocks are drawn as such: all bytes are random but for the scales, which lie within a quarter of the
    /// one that gives the deviation and have both signs.
    public static func random(
        _ type: TensorType, rows: Int, columns: Int, deviation: Float, using random: inout SplitMix
    ) -> Self {
        let count = rows * columns
        let values = type.elementsPerBlock == 1 ? random.normal(count, deviation: deviation) : []
        let bytes: [UInt8]
        switch type {
        case .f32: bytes = values.flatMap { littleEndian($0.bitPattern) }
        case .f16: bytes = values.flatMap { littleEndian(halfBits($0)) }
        case .bf16: bytes = values.flatMap { littleEndian(UInt16($0.bitPattern >> 16)) }
        default:
            bytes = (0..<count / type.elementsPerBlock).flatMap { _ in
                block(type, deviation: deviation, using: &random)
            }
        }
        return Self(shape: [columns, rows], type: type, bytes: bytes)
    }

    private static func block(_ type: TensorType, deviation: Float, using random: inout SplitMix) -> [UInt8] {
        var bytes = (0..<type.bytesPerBlock).map { _ in UInt8.random(in: 0...255, using: &random) }
        let layout = BlockLayout(type)
        let sign: Float = Bool.random(using: &random) ? 1 : -1
        let scale = sign * deviation / layout.deviation * Float.random(in: 0.75...1.25, using: &random)
        bytes.replaceSubrange(layout.scaleOffset..<layout.scaleOffset + 2, with: littleEndian(halfBits(scale)))
        if let minimum = layout.minimum {
            bytes.replaceSubrange(2..<4, with: littleEndian(halfBits(scale * minimum)))
        }
        return bytes
    }
}

/// Where the scales of a quantised block stand, and what values random bytes give with a scale of 1.
private struct BlockLayout {
    var scaleOffset = 0
    /// The second half-precision number, as a multiple of the first, that brings the mean to 0.
    var minimum: Float?
    let deviation: Float

    init(_ type: TensorType) {
        switch type {
        case .q4_0: deviation = 4.6
        case .q4_1: (deviation, minimum) = (4.6, -7.5)
        case .q5_0: deviation = 9.2
        case .q5_1: (deviation, minimum) = (9.2, -15.5)
        case .q8_0: deviation = 74
        case .q4_K: (deviation, minimum) = (256, 7.5)
        case .q5_K: (deviation, minimum) = (521, 15.5)
        case .q6_K: (deviation, scaleOffset) = (1365, 208)
        case .f32, .f16, .bf16: preconditionFailure("\(type) has no blocks")
        }
    }
}

/// A half-precision number near `value`, cut rather than rounded; at least 2^-14 in size.
private func halfBits(_ value: Float) -> UInt16 {
    let exponent = max(-14, min(15, Int(value.magnitude < 0x1p-14 ? -14 : value.exponent)))
    let fraction = value.magnitude < 0x1p-14 ? 0 : UInt16((value.significand - 1) * 1024)
    return (value < 0 ? 0x8000 : 0) | UInt16(exponent + 15) << 10 | fraction
}
