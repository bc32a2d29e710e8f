/// Bytes that are put together number by number, little-endian.
struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func put(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func put(_ number: Float) {
        put(number.bitPattern)
    }

    mutating func put(_ number: Double) {
        put(number.bitPattern)
    }

    /// A string as GGUF has it: 64-bit length, then the bytes.
    mutating func put(string: [UInt8]) {
        put(UInt64(string.count))
        bytes.append(contentsOf: string)
    }

    /// The bytes that `body` puts.
    static func bytes(_ body: (inout ByteWriter) -> Void) -> [UInt8] {
        var writer = ByteWriter()
        body(&writer)
        return writer.bytes
    }
}
