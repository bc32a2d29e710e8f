import OpenAIProtocol
import Platform

/// The output file of a run, which is also the journal from which an interrupted run is resumed.
///
/// Each line is appended whole, in the order in which requests end, and contains the digest of its request and the
/// fingerprint of the model. Opening the file again finds the finished requests, cuts off a line that was torn by a
/// crash, and refuses a file that was made with another model, input or set of options. There is no second file.
public final class ResultJournal: Sendable {
    /// The path with which the file was opened.
    public let path: String
    /// The number of requests whose answers were in the file when it was opened.
    public let foundSucceeded: Int
    /// The number of requests whose errors were in the file when it was opened. Such requests count as done.
    public let foundFailed: Int
    /// Bytes of a torn last line that were cut off.
    public let tornBytes: Int

    private let done: [Bool]
    private let file: SystemFile
    private let writer: DurableWriter

    /// Opens the output file, or makes it.
    ///
    /// A character device such as `/dev/null` is written, but not read.
    ///
    /// - Parameters:
    ///   - input: the requests of the run.
    ///   - model: the fingerprint of the model file, as in `OutputID.model`.
    ///   - overwrite: whether an existing file is emptied instead of continued.
    /// - Throws: `file` if the file cannot be opened, is a directory or the input itself; `outputLocked` while another
    ///   journal has the file open, in this process or another; `foreignOutput` if its lines are not of this run. In
    ///   all of these cases an existing file is left as it is.
    public convenience init(
        path: String, input: InputFile, model: UInt64, overwrite: Bool = false
    ) throws(BatchError) {
        self.init(
            path: path,
            try BatchError.reading { try Opened(path: path, input: input, model: model, overwrite: overwrite) })
    }

    private init(path: String, _ opened: Opened) {
        self.path = path
        file = opened.file
        writer = opened.writer
        foundSucceeded = opened.recovery.succeeded
        foundFailed = opened.recovery.failed
        done = opened.recovery.isDone
        tornBytes = opened.tornBytes
    }

    deinit { try? close() }

    /// Whether the request at this index of the input was done when the file was opened.
    public func isDone(at index: Int) -> Bool { done[index] }

    /// Appends a line and returns, usually before the line is written. Any thread may call this.
    ///
    /// - Precondition: the line is made by `OutputLine`, with its newline.
    /// - Throws: `file` if an earlier line could not be written (the disk may be full). Then no more lines are written.
    public func append(_ line: [UInt8]) throws(BatchError) {
        precondition(line.last == UInt8(ascii: "\n"), "a line of the journal ends in a newline")
        try BatchError.reading { try writer.append(line) }
    }

    /// Returns when every line that was appended before the call is on the disk.
    ///
    /// - Throws: `file` if one of these lines could not be written.
    public func flush() throws(BatchError) { try BatchError.reading { try writer.flush() } }

    /// Flushes and unlocks the file. May be called more than once.
    ///
    /// - Throws: `file` if a line could not be written.
    public func close() throws(BatchError) {
        defer { file.unlock() }
        try BatchError.reading { try writer.close() }
    }
}

/// The output file once it is locked, read and cut to its whole lines.
private struct Opened {
    let file: SystemFile
    let writer: DurableWriter
    let recovery: JournalRecovery
    var tornBytes = 0

    init(path: String, input: InputFile, model: UInt64, overwrite: Bool) throws {
        let existing = try FileStatus.of(path)
        if let existing { try Self.check(existing, path: path, input: input) }
        guard existing?.isCharacterDevice != true else {
            file = try SystemFile(path: path, mode: .extend)
            recovery = JournalRecovery(nothingOf: input, model: model, path: path)
            writer = try DurableWriter(file, isSynchronized: false)
            return
        }
        file = try SystemFile(path: path, mode: .append)
        guard try file.lock() else {
            throw BatchError(.outputLocked, "cannot write to \(path): another run is writing to it")
        }
        if existing == nil { file.synchronizeDirectory() }
        if overwrite { try file.truncate(to: 0) }
        recovery = try JournalRecovery(file, input: input, model: model)
        tornBytes = try file.status().size - recovery.goodBytes
        if tornBytes > 0 { try file.truncate(to: recovery.goodBytes) }
        writer = try DurableWriter(file, isSynchronized: true)
    }

    private static func check(_ existing: FileStatus, path: String, input: InputFile) throws(BatchError) {
        if existing.isDirectory { throw BatchError(.file, "cannot write to \(path): it is a directory") }
        guard existing.isRegular || existing.isCharacterDevice else {
            throw BatchError(.file, "cannot write to \(path): it is not a regular file")
        }
        if try input.isSameFile(as: existing) {
            throw BatchError(.file, "cannot write to \(path): it is the input file")
        }
    }
}
