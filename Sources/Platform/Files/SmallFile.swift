#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Whole files, read at once.
package enum SmallFile {
    /// - Parameters:
    ///   - most: bytes beyond which a file is refused.
    /// - Throws: `PlatformError` that names the file, with the limit or the system's reason.
    package static func read(
        _ path: String, most: Int = .max
    ) throws(PlatformError) -> [UInt8] {
        guard let file = fopen(path, "rb") else {
            throw PlatformError(.unreadableFile, "\(path) \(reason("cannot be read", errno))")
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { break }
            bytes += buffer[..<count]
            guard bytes.count <= most else {
                throw PlatformError(.unreadableFile, "\(path) has more than \(most) bytes, the most that it may have")
            }
        }
        guard ferror(file) == 0 else {
            throw PlatformError(.unreadableFile, "\(path) \(reason("cannot be read", errno))")
        }
        return bytes
    }

    /// `read` for callers with an error type of their own.
    /// - Parameter failure: makes the error of a message that names the file.
    package static func read<Failure: Error>(
        _ path: String, most: Int = .max, orThrow failure: (_ message: String) -> Failure
    ) throws(Failure) -> [UInt8] {
        do { return try read(path, most: most) } catch { throw failure(error.message) }
    }

    /// What follows a file's name in a message: what could not be done, and the system's reason.
    package static func reason(_ what: String, _ code: Int32) -> String {
        "\(what): \(String(cString: strerror(code)))"
    }
}
