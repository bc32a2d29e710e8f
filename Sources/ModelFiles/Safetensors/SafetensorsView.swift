/// What a safetensors file says about one of its tensors; every number has been checked against the file.
public struct SafetensorsInfo: Sendable, Hashable {
    /// The tensor's name.
    public let name: String
    /// How the elements are stored.
    public let type: SafetensorsType
    /// The dimensions, the last one varying fastest; none for a single number. A dimension may be 0.
    public let shape: [Int]
    /// The number of elements: the product of the shape.
    public let elementCount: Int
    /// The number of bytes that the elements take.
    public let byteCount: Int
    /// Where the first byte lies, counted from the start of the file.
    public let fileOffset: Int
}

/// A tensor's description and its bytes, which stay in the file. The view keeps the file's mapping alive.
public struct SafetensorsView: Sendable {
    /// What the file says about the tensor.
    public let info: SafetensorsInfo
    /// The file that holds the bytes.
    public let file: MappedFile

    /// Calls `body` with the tensor's `info.byteCount` bytes; the pointer is good only inside the call.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try file.withUnsafeBytes(in: info.fileOffset..<info.fileOffset + info.byteCount, body)
    }

    /// The elements of a tensor of type `F32`, `F16` or `BF16`, all of which single precision holds exactly.
    ///
    /// Throws `wrongElementType` for a tensor of another type.
    public func floats() throws(ModelFileError) -> [Float] {
        let numbers: [Float]? = withUnsafeBytes { bytes in
            switch info.type {
            case .float32: bytes.littleEndianNumbers(UInt32.self).map { Float(bitPattern: $0) }
            case .float16: bytes.littleEndianNumbers(UInt16.self).map { Float(half: $0) }
            case .bfloat16: bytes.littleEndianNumbers(UInt16.self).map { Float(brain: $0) }
            default: nil
            }
        }
        guard let numbers else {
            throw ModelFileError(
                .wrongElementType, "tensor \(quoted(info.name)) is of type \(info.type), not F32, F16 or BF16")
        }
        return numbers
    }
}
