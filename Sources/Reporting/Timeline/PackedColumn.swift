import Platform

/// Integers as short text for a page: each as its difference from the one before, zigzag (0, -1, 1, -2 become 0, 1, 2,
/// 3), seven bits per byte with the lowest first and the top bit set on all but the last byte, in base64.
///
/// Neighbouring values of a recording are similar, so most take one or two bytes.
struct PackedColumn {
    private var bytes: [UInt8] = []
    private var previous = 0

    /// Values are clamped to 0 through 2^32 - 1, which the script holds exactly.
    mutating func append(_ value: Int) {
        let value = Int(UInt32(clamping: value))
        let difference = value - previous
        previous = value
        var rest = UInt64(bitPattern: Int64((difference << 1) ^ (difference >> 63)))
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    var json: JSONValue { .string(TextEncodings.base64(bytes)) }
}
