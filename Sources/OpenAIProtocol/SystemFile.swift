#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// An open file: the few system calls that the readers and the journal need, with interrupted calls repeated and every
/// failure as an error that names the file.
final class SystemFile: Sendable {
    /// What a path or an open file is.
    struct Status: Sendable {
        let device: UInt64
        let inode: UInt64
        /// Bytes.
        let size: Int
        let isRegular: Bool
        let isDirectory: Bool
        /// `/dev/null`, a terminal and their like: written to, and never read back.
        let isCharacterDevice: Bool

        init(_ raw: stat) {
            device = UInt64(truncatingIfNeeded: raw.st_dev)
            inode = UInt64(truncatingIfNeeded: raw.st_ino)
            size = Int(raw.st_size)
            let kind = raw.st_mode & S_IFMT
            isRegular = kind == S_IFREG
            isDirectory = kind == S_IFDIR
            isCharacterDevice = kind == S_IFCHR
        }

        func isSameFile(as other: Status) -> Bool { device == other.device && inode == other.inode }
    }

    enum Mode { case read, append, device }

    let path: String
    private let descriptor: CInt

    init(path: String, mode: Mode) throws(ProtocolError) {
        let flags =
            switch mode {
            case .read: O_RDONLY
            case .append: O_RDWR | O_CREAT | O_APPEND
            case .device: O_WRONLY
            }
        descriptor = Self.repeating { open(path, flags | O_CLOEXEC, 0o644) }
        self.path = path
        if descriptor < 0 { throw failure("cannot open \(path)") }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// What stands at the path, or nil if nothing does.
    static func status(of path: String) throws(ProtocolError) -> Status? {
        var raw = stat()
        if stat(path, &raw) == 0 { return Status(raw) }
        if errno == ENOENT { return nil }
        throw ProtocolError(.file, "cannot look at \(path)", cause: reason())
    }

    func status() throws(ProtocolError) -> Status {
        var raw = stat()
        guard fstat(descriptor, &raw) == 0 else { throw failure("cannot look at \(path)") }
        return Status(raw)
    }

    /// Fills the buffer from `offset` on as far as the file goes, and returns the number of bytes.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(ProtocolError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = Self.repeating {
                pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
            }
            if count < 0 { throw failure("cannot read \(path)") }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Writes all of the bytes at the end of the file, in as many calls as it takes.
    func write(_ bytes: [UInt8]) throws(ProtocolError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { all in
                Self.repeating { Self.systemWrite(descriptor, all.baseAddress! + done, all.count - done) }
            }
            if count < 0 { throw failure("cannot write to \(path)") }
            done += count
        }
    }

    /// Returns when the bytes are on the disk.
    func synchronize() throws(ProtocolError) {
        #if canImport(Darwin)
            let result = Self.repeating { fcntl(descriptor, F_FULLFSYNC) }
        #else
            let result = Self.repeating { fdatasync(descriptor) }
        #endif
        if result < 0 { throw failure("cannot make \(path) durable") }
    }

    /// Makes the name of a new file durable. Some file systems cannot; the contents are safe all the same.
    func synchronizeDirectory() {
        let parent = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let directory = open(parent, O_RDONLY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }

    /// Takes the file for this process alone, or says false if another has it.
    func lock() throws(ProtocolError) -> Bool {
        if Self.repeating({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 { return true }
        if errno == EWOULDBLOCK { return false }
        throw failure("cannot lock \(path)")
    }

    func unlock() { _ = flock(descriptor, LOCK_UN) }

    func truncate(to size: Int) throws(ProtocolError) {
        let result = Self.repeating { ftruncate(descriptor, off_t(size)) }
        if result < 0 { throw failure("cannot cut \(path) to \(size) bytes") }
    }

    private func failure(_ what: String) -> ProtocolError { ProtocolError(.file, what, cause: Self.reason()) }

    private static func reason() -> String { String(cString: strerror(errno)) }

    private static func repeating<Count: SignedInteger>(_ call: () -> Count) -> Count {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }

    /// The system's `write`, which the method of that name hides.
    private static func systemWrite(_ descriptor: CInt, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
        #if canImport(Darwin)
            Darwin.write(descriptor, bytes, count)
        #else
            Glibc.write(descriptor, bytes, count)
        #endif
    }
}
