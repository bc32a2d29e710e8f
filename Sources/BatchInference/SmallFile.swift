#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Whole files, read at once.
enum SmallFile {
    /// - Parameter most: bytes beyond which a file is refused.
    /// - Returns: the bytes, or the system's error.
    static func read(_ path: String, most: Int) -> Result<[UInt8], Failure> {
        guard let file = fopen(path, "rb") else { return .failure(Failure("cannot be read", errno)) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { break }
            bytes += buffer[..<count]
            guard bytes.count <= most else {
                return .failure(Failure(description: "has more than \(most) bytes, the most that it may have"))
            }
        }
        return ferror(file) == 0 ? .success(bytes) : .failure(Failure("cannot be read", errno))
    }

    /// What follows the file's name in a message.
    struct Failure: Error, CustomStringConvertible {
        let description: String

        init(description: String) { self.description = description }

        init(_ what: String, _ code: Int32) { description = "\(what): \(String(cString: strerror(code)))" }
    }
}
