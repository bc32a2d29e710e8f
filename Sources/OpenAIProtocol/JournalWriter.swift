#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Appends lines to a file from a thread of its own, so that no caller waits for the disk.
///
/// Everything that is handed over while one write is under way goes out with the next, as one write and one sync.
/// After the first failure nothing more is written, so at most one line of the file is torn, and it is the last.
final class JournalWriter: @unchecked Sendable {
    /// A caller that is this far ahead of the disk waits, so that memory stays bounded.
    private static let maximumQueue = 64 << 20

    private let file: SystemFile
    private let isSynchronized: Bool
    private let monitor = Monitor()
    private var thread: pthread_t?

    // All of these are touched under the monitor alone.
    private var queue: [UInt8] = []
    private var appended = 0
    private var durable = 0
    private var isClosing = false
    private var isJoined = false
    private var failure: ProtocolError?

    /// - Parameter isSynchronized: whether each write is made durable before it counts as done.
    init(_ file: SystemFile, isSynchronized: Bool) throws(ProtocolError) {
        self.file = file
        self.isSynchronized = isSynchronized
        // The thread keeps the writer alive until `close`.
        let context = Unmanaged.passRetained(self)
        #if canImport(Darwin)
            var handle: pthread_t?
        #else
            var handle = pthread_t()
        #endif
        let result = pthread_create(&handle, nil, journalWriterMain, context.toOpaque())
        guard result == 0 else {
            context.release()
            throw ProtocolError(
                .file, "cannot start a thread to write \(file.path)", cause: String(cString: strerror(result)))
        }
        thread = handle
    }

    /// Hands bytes over and returns, usually before they are written.
    func append(_ bytes: [UInt8]) throws(ProtocolError) {
        monitor.lock()
        defer { monitor.unlock() }
        while queue.count > Self.maximumQueue, failure == nil { monitor.wait() }
        if let failure { throw failure }
        guard !isClosing else { throw ProtocolError(.file, "cannot write to \(file.path): it is closed") }
        queue += bytes
        appended += 1
        monitor.broadcast()
    }

    /// Returns when everything that was appended before the call is durable.
    func flush() throws(ProtocolError) {
        monitor.lock()
        defer { monitor.unlock() }
        let target = appended
        while durable < target, failure == nil { monitor.wait() }
        if let failure { throw failure }
    }

    /// Writes what is left, ends the thread and waits for it. Calling it again gives the same result.
    func close() throws(ProtocolError) {
        monitor.lock()
        isClosing = true
        monitor.broadcast()
        let isFirst = !isJoined
        isJoined = true
        monitor.unlock()
        if isFirst, let thread { pthread_join(thread, nil) }
        try flush()
    }

    /// What the thread does: take all there is, write it, tell the callers; until the end or the first failure.
    fileprivate func run() {
        while let (bytes, count) = takeBatch() {
            var result: ProtocolError?
            do throws(ProtocolError) {
                try file.write(bytes)
                if isSynchronized { try file.synchronize() }
            } catch {
                result = error
            }
            monitor.lock()
            failure = result
            if result == nil { durable = count }
            monitor.broadcast()
            monitor.unlock()
            if result != nil { return }
        }
    }

    /// Everything in the queue and the number of lines up to its end, or nil when there will be no more.
    private func takeBatch() -> (bytes: [UInt8], count: Int)? {
        monitor.lock()
        defer { monitor.unlock() }
        while queue.isEmpty, !isClosing { monitor.wait() }
        if queue.isEmpty { return nil }
        defer { queue = [] }
        monitor.broadcast()
        return (queue, appended)
    }
}

#if canImport(Darwin)
    private func journalWriterMain(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        runJournalWriter(context)
        return nil
    }
#else
    private func journalWriterMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let context { runJournalWriter(context) }
        return nil
    }
#endif

private func runJournalWriter(_ context: UnsafeMutableRawPointer) {
    // Signals belong to the main thread; with SIGXFSZ blocked, a file at its size limit is an error of `write`.
    var signals = sigset_t()
    sigfillset(&signals)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let writer = Unmanaged<JournalWriter>.fromOpaque(context).takeRetainedValue()
    writer.run()
}

/// A mutex with one condition.
private final class Monitor: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        precondition(pthread_mutex_init(mutex, nil) == 0 && pthread_cond_init(condition, nil) == 0)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func lock() { pthread_mutex_lock(mutex) }
    func unlock() { pthread_mutex_unlock(mutex) }
    func wait() { pthread_cond_wait(condition, mutex) }
    func broadcast() { pthread_cond_broadcast(condition) }
}
