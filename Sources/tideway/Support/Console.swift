#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The two standard streams. Answers and figures go to standard output, all talk to standard error.
enum Console {
    static func error(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    static func out(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    /// Writes what the stream takes; a closed pipe ends the talk, not the run.
    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { writeBytes(descriptor, $0.baseAddress!, $0.count) }
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }
}

private func writeBytes(_ descriptor: Int32, _ base: UnsafeRawPointer, _ count: Int) -> Int {
    while true {
        let written = write(descriptor, base, count)
        if written >= 0 || errno != EINTR { return written }
    }
}

/// Writes a whole file.
func writeFile(_ path: String, _ text: String) throws { try writeFile(path, bytes: Array(text.utf8)) }

/// The same for bytes.
func writeFile(_ path: String, bytes: [UInt8]) throws {
    guard let file = fopen(path, "w") else { throw FileError(path: path, what: "cannot be written", code: errno) }
    let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count
    let code = errno
    guard fclose(file) == 0 else { throw FileError(path: path, what: "could not be written", code: errno) }
    guard isWritten else { throw FileError(path: path, what: "could not be written", code: code) }
}

/// A file that cannot be used, with the system's reason.
struct FileError: Error, CustomStringConvertible {
    let path: String
    let what: String
    let code: Int32
    var description: String { "\(path) \(what): \(String(cString: strerror(code)))" }
}
