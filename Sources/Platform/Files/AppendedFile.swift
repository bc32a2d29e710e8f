#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file of lines that grows while a run goes on: buffered, written out when the buffer is full or upon `flush`.
package final class AppendedFile {
    private let path: String
    private let descriptor: CInt
    private var buffer: [UInt8] = []
    private static let bufferBytes = 1 << 16

    /// Opens the file, or makes it.
    /// - Parameter size: bytes that stay, what stands behind them goes away; nil: all of it stays.
    package init(path: String, from size: Int?) throws(PlatformError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path) }
        // A device has no size to cut.
        guard size.map({ ftruncate(descriptor, off_t($0)) == 0 || errno == EINVAL }) ?? true else {
            throw Self.failure(path)
        }
    }

    deinit { close(descriptor) }

    package func append(_ bytes: some Sequence<UInt8>) throws(PlatformError) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Writes what is still held back.
    package func flush() throws(PlatformError) {
        var written = 0
        while written < buffer.count {
            let count = buffer[written...].withUnsafeBytes { write(descriptor, $0.baseAddress!, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(path) }
            written += count
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private static func failure(_ path: String) -> PlatformError {
        PlatformError(.unwritableFile, "\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
}
