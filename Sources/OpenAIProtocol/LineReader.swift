/// Reads a file line by line in blocks, so that memory does not grow with the file.
struct LineReader {
    /// One line without its newline.
    struct Line {
        /// Counted from 1.
        let number: Int
        /// Where the line begins, in bytes from the beginning of the file.
        let offset: Int
        /// The line's bytes, without those beyond the reader's limit.
        let bytes: [UInt8]
        /// How many bytes the line has in the file.
        let length: Int
        /// False for a last line without a newline.
        let isTerminated: Bool
    }

    private static let blockSize = 256 << 10

    private let file: SystemFile
    private let maximumLength: Int
    private var block: [UInt8] = []
    private var cursor = 0
    /// Where the block after this one begins in the file.
    private var blockEnd = 0
    private var lineNumber = 0

    /// - Parameter maximumLength: the most bytes of a line to keep.
    init(_ file: SystemFile, maximumLength: Int = .max) {
        self.file = file
        self.maximumLength = maximumLength
    }

    /// The next line, or nil at the end of the file.
    mutating func next() throws(ProtocolError) -> Line? {
        var bytes: [UInt8] = []
        var length = 0
        var isTerminated = false
        let offset = blockEnd - (block.count - cursor)
        while !isTerminated {
            if cursor == block.count, try !readBlock() { break }
            let newline = block[cursor...].firstIndex(of: UInt8(ascii: "\n"))
            let piece = block[cursor..<(newline ?? block.count)]
            bytes += piece.prefix(maximumLength - bytes.count)
            length += piece.count
            isTerminated = newline != nil
            cursor = piece.endIndex + (isTerminated ? 1 : 0)
        }
        if length == 0, !isTerminated { return nil }
        lineNumber += 1
        return Line(number: lineNumber, offset: offset, bytes: bytes, length: length, isTerminated: isTerminated)
    }

    /// Reads the next block, or says false at the end of the file.
    private mutating func readBlock() throws(ProtocolError) -> Bool {
        if block.count < Self.blockSize { block = [UInt8](repeating: 0, count: Self.blockSize) }
        var result: Result<Int, ProtocolError> = .success(0)
        block.withUnsafeMutableBytes { buffer in
            do throws(ProtocolError) {
                result = .success(try file.read(into: buffer, at: blockEnd))
            } catch {
                result = .failure(error)
            }
        }
        let count = try result.get()
        block.removeLast(block.count - count)
        cursor = 0
        blockEnd += count
        return count > 0
    }
}
