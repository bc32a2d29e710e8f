import Scheduling
import Simulation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that takes down all that the scheduling core is told in a run, for `EventReplay`.
final class EventLogFile {
    private let path: String
    private let descriptor: CInt
    private var buffer: [UInt8] = []
    private static let bufferBytes = 1 << 16

    /// Makes the file, or empties it.
    init(path: String, _ setup: EventLogSetup) throws(BatchError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path) }
        buffer.append(contentsOf: EventLogWriter.header(setup).utf8)
    }

    deinit { close(descriptor) }

    func append(_ event: EngineEvent, at now: Instant, _ actions: ArraySlice<EngineAction>) throws {
        buffer.append(contentsOf: EventLogWriter.line(event, at: now, actions: actions).utf8)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Writes what is still held back.
    func flush() throws(BatchError) {
        var written = 0
        while written < buffer.count {
            let count = buffer[written...].withUnsafeBytes { write(descriptor, $0.baseAddress!, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(path) }
            written += count
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private static func failure(_ path: String) -> BatchError {
        BatchError(.unwritableFile, "the event log \(path) cannot be written: \(String(cString: strerror(errno)))")
    }
}
