/// Appends lines to a file from a thread of its own, so that no caller waits for the disk.
///
/// Everything that is appended while one write is under way goes out with the next, as one write and one sync. After
/// the first failure nothing more is written, so at most the last line of the file is torn.
package final class DurableWriter: @unchecked Sendable {
    // Unchecked: the mutable state is accessed only under the lock.

    /// Back-pressure: a caller waits while the queue has more bytes than this, so that memory stays bounded.
    private static let maximumQueue = 64 << 20

    private let file: SystemFile
    private let isSynchronized: Bool
    private let lock = ConditionLock()
    /// nil once `close` has taken the thread to join it.
    private var thread: JoinableThread?
    private var queue: [UInt8] = []
    private var appended = 0
    private var durable = 0
    private var isClosing = false
    private var failure: PlatformError?

    /// - Parameter isSynchronized: whether each write is synced to the disk before it counts as done.
    package init(_ file: SystemFile, isSynchronized: Bool) throws(PlatformError) {
        self.file = file
        self.isSynchronized = isSynchronized
        // The thread keeps the writer alive until `close`. Signals belong to the main thread; with SIGXFSZ blocked, a
        // file at its size limit is an error of `write`.
        do { thread = try JoinableThread(blocksSignals: true) { self.run() } } catch {
            throw PlatformError(
                .threadFailure, "cannot start a thread to write \(file.path): \(error.message)", cause: error)
        }
    }

    /// Queues bytes and returns, usually before they are written.
    package func append(_ bytes: [UInt8]) throws(PlatformError) {
        try lock.withLock { () throws(PlatformError) in
            while queue.count > Self.maximumQueue, failure == nil { lock.wait() }
            if let failure { throw failure }
            guard !isClosing else {
                throw PlatformError(.unwritableFile, "cannot write to \(file.path): it is closed")
            }
            queue += bytes
            appended += 1
            lock.broadcast()
        }
    }

    /// Returns when everything that was appended before the call is durable.
    package func flush() throws(PlatformError) {
        try lock.withLock { () throws(PlatformError) in
            let target = appended
            while durable < target, failure == nil { lock.wait() }
            if let failure { throw failure }
        }
    }

    /// Writes what is left, ends the thread and joins it. Calling it again gives the same result.
    package func close() throws(PlatformError) {
        let thread = lock.withLock {
            isClosing = true
            lock.broadcast()
            defer { self.thread = nil }
            return self.thread
        }
        thread?.join()
        try flush()
    }

    /// The thread's loop: takes the whole queue, writes it and wakes the callers, until `close` or the first failure.
    private func run() {
        while let (bytes, count) = takeBatch() {
            var result: PlatformError?
            do {
                try file.write(bytes)
                if isSynchronized { try file.synchronize() }
            } catch {
                result = error
            }
            lock.withLock {
                failure = result
                if result == nil { durable = count }
                lock.broadcast()
            }
            if result != nil { return }
        }
    }

    /// Everything in the queue and the number of appended lines up to its end; nil once the writer is closed and the
    /// queue is empty.
    private func takeBatch() -> (bytes: [UInt8], count: Int)? {
        lock.withLock {
            while queue.isEmpty, !isClosing { lock.wait() }
            if queue.isEmpty { return nil }
            defer { queue = [] }
            lock.broadcast()
            return (queue, appended)
        }
    }
}
