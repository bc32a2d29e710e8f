/// A file of lines that grows while a run goes on: buffered, written out when the buffer is full or upon `flush`.
package final class AppendedFile {
    private let file: SystemFile
    private var buffer: [UInt8] = []
    private static let bufferBytes = 1 << 16

    /// Opens the file, or creates it.
    /// - Parameter size: the number of bytes to keep; the file is cut after them. nil: keeps the whole file.
    package init(path: String, from size: Int?) throws(PlatformError) {
        do {
            file = try SystemFile(path: path, mode: .extend)
            // A device has no size to cut.
            if let size, try file.status().isRegular { try file.truncate(to: size) }
        } catch {
            throw error.saying(.unwritableFile, "\(path) cannot be written")
        }
    }

    package func append(_ bytes: some Sequence<UInt8>) throws(PlatformError) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Writes what is still buffered.
    package func flush() throws(PlatformError) {
        do { try file.write(buffer) } catch { throw error.saying(.unwritableFile, "\(file.path) cannot be written") }
        buffer.removeAll(keepingCapacity: true)
    }
}
