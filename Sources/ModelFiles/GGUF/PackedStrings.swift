/// The strings of a metadata array, as views of their bytes in the file: random access, decoded only on demand.
///
/// The bytes need not be UTF-8.
public struct PackedStrings: RandomAccessCollection, Sendable {
    let file: MappedFile
    // starts[i] is where the 8-byte length of string i lies, so string i ends where the length of string i + 1 starts;
    // one more entry at the end closes the last string.
    private let starts: [Int]

    /// - Parameter starts: where each string's length field lies, then the end of the last string.
    init(file: MappedFile, starts: [Int]) {
        self.file = file
        self.starts = starts
    }

    /// Always 0.
    public var startIndex: Int { 0 }
    /// The number of strings.
    public var endIndex: Int { starts.count - 1 }

    /// The bytes of string `index`.
    public subscript(index: Int) -> [UInt8] {
        withUnsafeBytes(at: index) { [UInt8]($0) }
    }

    /// The number of bytes of string `index`.
    public func byteCount(at index: Int) -> Int {
        fileRange(at: index).count
    }

    /// String `index` as text, or nil where its bytes are not UTF-8.
    public func text(at index: Int) -> String? {
        withUnsafeBytes(at: index) { String(validating: $0, as: UTF8.self) }
    }

    /// Calls `body` with the bytes of string `index`; the pointer is good only inside the call.
    public func withUnsafeBytes<Result, Failure: Error>(
        at index: Int, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try file.withUnsafeBytes(in: fileRange(at: index), body)
    }

    /// All the strings' bytes end to end, and where each one ends: string `i` is `bytes[ends[i - 1]..<ends[i]]`, and
    /// the first one starts at 0.
    public func packed() -> (bytes: [UInt8], ends: [Int]) {
        var bytes: [UInt8] = []
        var ends: [Int] = []
        bytes.reserveCapacity(starts[count] - starts[0] - 8 * count)
        ends.reserveCapacity(count)
        for index in indices {
            withUnsafeBytes(at: index) { bytes.append(contentsOf: $0) }
            ends.append(bytes.count)
        }
        return (bytes, ends)
    }

    /// Where the bytes of string `index` lie in the file.
    func fileRange(at index: Int) -> Range<Int> {
        starts[index] + 8..<starts[index + 1]
    }
}
