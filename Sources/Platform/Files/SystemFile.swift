#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An open file: the calls of the system that readers and writers need, with interrupted calls repeated and every
/// failure as an error that names the file.
package final class SystemFile: Sendable {
    package enum Mode: Sendable {
        case read
        /// Writes from the beginning; creates a missing file and empties an existing one.
        case write
        /// Writes at the end, and reads; creates a missing file.
        case append
        /// Only writes, at the end; creates a missing file. Also for devices such as `/dev/null`.
        case extend
    }

    package let path: String
    private let descriptor: CInt

    package init(path: String, mode: Mode) throws(PlatformError) {
        let flags =
            switch mode {
            case .read: O_RDONLY
            case .write: O_WRONLY | O_CREAT | O_TRUNC
            case .append: O_RDWR | O_CREAT | O_APPEND
            case .extend: O_WRONLY | O_CREAT | O_APPEND
            }
        descriptor = SystemError.repeating { open(path, flags | O_CLOEXEC, 0o644) }
        self.path = path
        guard descriptor >= 0 else {
            throw PlatformError(mode == .read ? .unreadableFile : .unwritableFile, "cannot open \(path)", .last)
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    package func status() throws(PlatformError) -> FileStatus {
        var raw = stat()
        guard fstat(descriptor, &raw) == 0 else {
            throw PlatformError(.unreadableFile, "cannot look at \(path)", .last)
        }
        return FileStatus(raw)
    }

    /// Fills the buffer with the file's bytes from `offset` on, and returns their number: less than the buffer holds at
    /// the end of the file.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(PlatformError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = SystemError.repeating {
                pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
            }
            guard count >= 0 else { throw PlatformError(.unreadableFile, "cannot read \(path)", .last) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Reads the next bytes and returns their number: 0 at the end. Also for pipes and terminals.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(PlatformError) -> Int {
        let count = SystemError.repeating { readBytes(descriptor, buffer) }
        guard count >= 0 else { throw PlatformError(.unreadableFile, "cannot read \(path)", .last) }
        return count
    }

    /// Writes all of the bytes, in as many calls as it takes.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(PlatformError) {
        guard writeAll(bytes, to: descriptor) else {
            throw PlatformError(.unwritableFile, "cannot write to \(path)", .last)
        }
    }

    package func write(_ bytes: [UInt8]) throws(PlatformError) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(PlatformError) in try write(UnsafeRawBufferPointer(bytes)) }
    }

    /// Returns when the bytes are on the disk.
    package func synchronize() throws(PlatformError) {
        #if canImport(Darwin)
            let result = SystemError.repeating { fcntl(descriptor, F_FULLFSYNC) }
        #else
            let result = SystemError.repeating { fdatasync(descriptor) }
        #endif
        if result < 0 { throw PlatformError(.unwritableFile, "cannot make \(path) durable", .last) }
    }

    /// Makes the name of a new file durable. Some file systems cannot; the file's contents are durable all the same.
    package func synchronizeDirectory() {
        let directory = open(FilePlace(path).folder, O_RDONLY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }

    /// Locks the file for this process; returns false if another process holds the lock.
    package func lock() throws(PlatformError) -> Bool {
        if SystemError.repeating({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 { return true }
        if errno == EWOULDBLOCK { return false }
        throw PlatformError(.unwritableFile, "cannot lock \(path)", .last)
    }

    package func unlock() { _ = flock(descriptor, LOCK_UN) }

    package func truncate(to size: Int) throws(PlatformError) {
        let result = SystemError.repeating { ftruncate(descriptor, off_t(size)) }
        if result < 0 { throw PlatformError(.unwritableFile, "cannot cut \(path) to \(size) bytes", .last) }
    }
}

/// The system's `read` and `write`, which methods of these names hide.
private func readBytes(_ descriptor: CInt, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, buffer.baseAddress, buffer.count)
}

/// Writes all of the bytes; returns false after an error.
func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> Bool {
    var done = 0
    while done < bytes.count {
        let count = SystemError.repeating { write(descriptor, bytes.baseAddress! + done, bytes.count - done) }
        if count == 0 {
            // A device that takes nothing sets no error; trying again would never end.
            errno = EIO
        }
        guard count > 0 else { return false }
        done += count
    }
    return true
}
