import OpenAIProtocol
import Platform

/// A file of requests, one per line, that is read on demand.
///
/// Opening reads the file once from end to end, and keeps the position, id and digest of each line; the text of a line
/// is read again when its turn comes. So memory grows with the number of lines, not with their length. Blank lines and
/// a byte order mark are skipped.
public final class InputFile: Sendable {
    private struct Entry: Sendable {
        let lineNumber: Int
        /// The offset of the line's first byte in the file.
        let offset: Int
        /// The bytes of the line, without the newline.
        let length: Int
        let digest: UInt64
        let customID: String
    }

    /// The path with which the file was opened.
    public let path: String
    private let options: String
    private let file: SystemFile
    private let entries: [Entry]
    private let indices: [String: Int]

    /// Opens and indexes the file.
    ///
    /// Two ids that are canonically equivalent Unicode count as equal, since a reader could not tell them apart.
    ///
    /// - Parameters:
    ///   - path: a regular file.
    ///   - options: the run's options that change tokens, such as `ignore_eos=1;seed=0`; part of every digest.
    /// - Throws: `file` if the file cannot be read, `duplicateID` if two lines have the same id, given or generated.
    public init(path: String, options: String = "") throws(BatchError) {
        let status = try BatchError.reading { try FileStatus.of(path) }
        guard let status else { throw BatchError(.file, "cannot open \(path): there is no such file") }
        // Lines are read twice, which a pipe does not allow.
        guard status.isRegular else { throw BatchError(.file, "cannot read \(path): it is not a regular file") }
        self.path = path
        self.options = options
        file = try BatchError.reading { try SystemFile(path: path, mode: .read) }
        entries = try Self.entries(of: file, options: options)
        indices = try Self.indices(of: entries, path: path)
    }

    /// The number of requests: all lines that are not blank, valid or not.
    public var count: Int { entries.count }

    /// The id of the request at an index in 0..<count.
    public func customID(at index: Int) -> String { entries[index].customID }

    /// The digest of the request at an index in 0..<count.
    public func digest(at index: Int) -> UInt64 { entries[index].digest }

    /// The index of the request with this id.
    public func index(of customID: String) -> Int? { indices[customID] }

    /// Reads and parses the request at an index in 0..<count. Any thread may call this.
    ///
    /// - Throws: `file` if the file cannot be read, `inputChanged` if the line has changed since the file was opened.
    public func line(at index: Int) throws(BatchError) -> ParsedLine {
        let entry = entries[index]
        guard entry.length <= RequestLine.maximumLength else {
            return RequestLine.tooLong(
                entry.length, lineNumber: entry.lineNumber, customID: entry.customID, digest: entry.digest)
        }
        return RequestLine.parse(
            try bytes(of: entry), lineNumber: entry.lineNumber, customID: entry.customID, digest: entry.digest)
    }

    /// The bytes of the line at an index in 0..<count, valid or not. Any thread may call this.
    ///
    /// - Throws: `file` if the file cannot be read, `inputChanged` if the line has changed since the file was opened.
    public func bytes(at index: Int) throws(BatchError) -> [UInt8] { try bytes(of: entries[index]) }

    func isSameFile(as other: FileStatus) throws(BatchError) -> Bool {
        try BatchError.reading { try file.status() }.identity == other.identity
    }

    private func bytes(of entry: Entry) throws(BatchError) -> [UInt8] {
        var result: Result<Int, PlatformError> = .success(0)
        let bytes = [UInt8](unsafeUninitializedCapacity: entry.length) { buffer, count in
            do throws(PlatformError) {
                count = try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: entry.offset)
            } catch {
                result = .failure(error)
            }
        }
        _ = try BatchError.reading { try result.get() }
        let digest = RequestDigest(line: RequestLine.trimmed(bytes), options: options, customID: entry.customID)
        guard digest.value == entry.digest else {
            throw BatchError(.inputChanged, "\(path), line \(entry.lineNumber) changed during the run")
        }
        return bytes
    }
}

extension InputFile {
    private static func entries(of file: SystemFile, options: String) throws(BatchError) -> [Entry] {
        // One byte more than a line may have, so that a line that is too long is recognised.
        var reader = LineReader(file, maximumLength: RequestLine.maximumLength + 1)
        var entries: [Entry] = []
        while let line = try BatchError.reading({ try reader.next() }) {
            let mark = line.number == 1 && line.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
            let bytes = mark == 0 ? line.bytes : Array(line.bytes.dropFirst(mark))
            let text = RequestLine.trimmed(bytes)
            if text.isEmpty, line.length <= RequestLine.maximumLength { continue }
            let customID = RequestLine.customID(of: bytes, lineNumber: line.number)
            entries.append(
                Entry(
                    lineNumber: line.number, offset: line.offset + mark, length: line.length - mark,
                    digest: RequestDigest(line: text, options: options, customID: customID).value, customID: customID))
        }
        return entries
    }

    private static func indices(of entries: [Entry], path: String) throws(BatchError) -> [String: Int] {
        let shown = 5
        var indices: [String: Int] = [:]
        indices.reserveCapacity(entries.count)
        var duplicates: [String] = []
        var count = 0
        for (index, entry) in entries.enumerated() {
            guard let first = indices.updateValue(index, forKey: entry.customID) else { continue }
            indices[entry.customID] = first
            count += 1
            guard duplicates.count < shown else { continue }
            duplicates.append(
                "\(JSONWriter.quoted(entry.customID)) in lines \(entries[first].lineNumber) and \(entry.lineNumber)")
        }
        guard duplicates.isEmpty else {
            let rest = count > shown ? ", and \(count - shown) more" : ""
            throw BatchError(
                .duplicateID,
                "\(path): each line must have an id of its own: \(duplicates.joined(separator: ", "))\(rest)")
        }
        return indices
    }
}
