/// Safetensors files from a header's text and the bytes of the data.
enum SafetensorsWriter {
    static func bytes(_ header: String, data: Int, announced: UInt64? = nil) -> [UInt8] {
        ByteWriter.bytes { writer in
            writer.put(announced ?? UInt64(header.utf8.count))
            writer.bytes += Array(header.utf8)
            for index in 0..<data { writer.put(UInt8(truncatingIfNeeded: index)) }
        }
    }

    /// A file without fault: three tensors, one of them empty, and metadata.
    static let valid = bytes(
        #"{"__metadata__":{"format":"pt"},"b.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[4,20]},"#
            + #""a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},"#
            + #""none":{"dtype":"I64","shape":[0,3],"data_offsets":[20,20]}}  "#,
        data: 20)
}
