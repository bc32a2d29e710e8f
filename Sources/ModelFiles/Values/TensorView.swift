/// What a GGUF file says about one of its tensors; every number has been checked against the file.
public struct TensorInfo: Sendable, Hashable {
    /// The tensor's name, such as `blk.0.attn_q.weight`.
    public let name: String
    /// How the elements are stored.
    public let type: TensorType
    /// One to four dimensions, each at least 1, in the file's order: `shape[0]` varies fastest and is the row length.
    public let shape: [Int]
    /// The number of elements: the product of the shape.
    public let elementCount: Int
    /// The number of bytes that the elements take.
    public let byteCount: Int
    /// Where the first byte lies, counted from the start of the file.
    public let fileOffset: Int

    /// The number of elements in a row: `shape[0]`.
    public var columnCount: Int { shape[0] }
    /// The number of rows: the product of the other dimensions.
    public var rowCount: Int { elementCount / shape[0] }
    /// The number of bytes in a row.
    public var bytesPerRow: Int { byteCount / rowCount }
}

/// A tensor's description and its bytes, which stay in the file. The view keeps the file's mapping alive.
public struct TensorView: Sendable {
    /// What the file says about the tensor.
    public let info: TensorInfo
    /// The file that holds the bytes.
    public let file: MappedFile

    /// The tensor's bytes, counted from the start of the file.
    public var fileRange: Range<Int> { info.fileOffset..<info.fileOffset + info.byteCount }

    /// Calls `body` with the tensor's `info.byteCount` bytes, row after row; the pointer is good only inside the call.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try file.withUnsafeBytes(in: fileRange, body)
    }

    /// Calls `body` with the bytes of the rows `rows`; the pointer is good only inside the call.
    ///
    /// `rows` must lie in `0..<info.rowCount`.
    public func withUnsafeBytes<Result, Failure: Error>(
        ofRows rows: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(
            rows.lowerBound >= 0 && rows.upperBound <= info.rowCount, "rows \(rows) of a tensor of \(info.rowCount)")
        let start = info.fileOffset + rows.lowerBound * info.bytesPerRow
        return try file.withUnsafeBytes(in: start..<start + rows.count * info.bytesPerRow, body)
    }

    /// Lets the system drop the tensor's pages from memory; see `MappedFile.forget`.
    public func forget() {
        file.forget(fileRange)
    }
}
