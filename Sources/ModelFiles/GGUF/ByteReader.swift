/// Reads numbers and strings one after the other, and throws if the file ends within one of them.
struct ByteReader {
    let file: MappedFile
    /// Where the next read starts, counted from the start of the file; never beyond its end.
    private(set) var position: Int

    init(file: MappedFile) {
        self.file = file
        position = 0
    }

    /// The number of bytes between the position and the end of the file.
    var remaining: Int { file.count - position }

    /// Steps over `count` bytes and returns where they lie.
    mutating func skip(_ count: Int, _ what: @autoclosure () -> String) throws(ModelFileError) -> Range<Int> {
        guard count <= remaining else {
            throw ModelFileError(
                .truncated,
                "the file ends within \(what()): \(count) bytes are needed at offset \(position), "
                    + "\(remaining) are left")
        }
        let start = position
        position += count
        return start..<position
    }

    /// Reads a little-endian number.
    mutating func read<Number: FixedWidthInteger & BitwiseCopyable>(
        _: Number.Type, _ what: @autoclosure () -> String
    ) throws(ModelFileError) -> Number {
        let range = try skip(MemoryLayout<Number>.size, what())
        return file.withUnsafeBytes(in: range) { Number(littleEndian: $0.loadUnaligned(as: Number.self)) }
    }

    /// Reads a 64-bit count of items that take at least `minimumSize` bytes each, and throws if the rest of the file
    /// could not hold that many.
    mutating func readCount(
        minimumSize: Int, _ what: @autoclosure () -> String
    ) throws(ModelFileError) -> Int {
        let count = try read(UInt64.self, what())
        let limit = remaining / minimumSize
        guard let exact = Int(exactly: count), exact <= limit else {
            throw ModelFileError(
                .countTooLarge,
                "\(what()) is \(count), and the \(remaining) bytes left in the file can hold at most \(limit)")
        }
        return exact
    }

    /// Steps over a string, its 64-bit length first, and returns where its bytes lie.
    mutating func skipString(_ what: @autoclosure () -> String) throws(ModelFileError) -> Range<Int> {
        let length = try readCount(minimumSize: 1, "the length of \(what())")
        return try skip(length, what())
    }

    /// Reads a name: a string that must be UTF-8 of 1 to `limit` bytes.
    mutating func readName(limit: Int, _ what: @autoclosure () -> String) throws(ModelFileError) -> String {
        let range = try skipString(what())
        guard range.count <= limit else {
            throw ModelFileError(.countTooLarge, "\(what()) has \(range.count) bytes; the limit is \(limit)")
        }
        guard !range.isEmpty else { throw ModelFileError(.invalidText, "\(what()) is empty") }
        return try file.text(in: range, what())
    }

    /// Steps over `count` strings and returns where each one lies.
    mutating func skipStrings(
        count: Int, _ what: @autoclosure () -> String
    ) throws(ModelFileError) -> PackedStrings {
        var starts: [Int] = []
        starts.reserveCapacity(count + 1)
        for index in 0..<count {
            starts.append(position)
            _ = try skipString("string \(index) of \(what())")
        }
        starts.append(position)
        return PackedStrings(file: file, starts: starts)
    }
}

extension MappedFile {
    /// The bytes of `range` as text; throws `invalidText` where they are not UTF-8.
    func text(in range: Range<Int>, _ what: @autoclosure () -> String) throws(ModelFileError) -> String {
        guard let text = withUnsafeBytes(in: range, { String(validating: $0, as: UTF8.self) }) else {
            throw ModelFileError(
                .invalidText,
                "\(what()) (\(range.count) bytes at offset \(range.lowerBound)) is not UTF-8")
        }
        return text
    }
}
