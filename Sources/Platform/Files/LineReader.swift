/// Reads a file line by line in blocks, so that memory does not grow with the file.
package struct LineReader {
    /// One line without its newline.
    package struct Line {
        /// Counted from 1.
        package let number: Int
        /// Where the line begins, in bytes from the beginning of the file.
        package let offset: Int
        /// The line's bytes, cut at the reader's limit.
        package let bytes: [UInt8]
        /// The number of bytes of the line in the file.
        package let length: Int
        /// False for a last line without a newline.
        package let isTerminated: Bool
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
    package init(_ file: SystemFile, maximumLength: Int = .max) {
        self.file = file
        self.maximumLength = maximumLength
    }

    /// The next line, or nil at the end of the file.
    package mutating func next() throws(PlatformError) -> Line? {
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

    /// Reads the next block; returns false at the end of the file.
    private mutating func readBlock() throws(PlatformError) -> Bool {
        if block.count < Self.blockSize { block = [UInt8](repeating: 0, count: Self.blockSize) }
        var result: Result<Int, PlatformError> = .success(0)
        block.withUnsafeMutableBytes { buffer in
            do throws(PlatformError) {
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
