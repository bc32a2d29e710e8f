import Platform

/// Back-pressure for submitters: counts the submitted requests that the core has not been told of, so that a caller
/// with many requests can wait until there is room.
final class SubmissionGate: @unchecked Sendable {
    // Unchecked: the lock guards the state.
    private let lock = ConditionLock()
    private let most: Int
    private var waiting = 0
    private var isOpen = true

    /// - Parameter most: the number of requests from which on there is no room.
    init(most: Int) { self.most = most }

    func add(_ count: Int) { lock.withLock { waiting += count } }

    func remove(_ count: Int) {
        let frees = lock.withLock {
            let wasFull = waiting >= most
            waiting -= count
            return wasFull && waiting < most
        }
        if frees { lock.broadcast() }
    }

    /// Sleeps until there is room. Returns false if no more requests are taken in.
    func waitForRoom() -> Bool {
        lock.withLock {
            while isOpen && waiting >= most { lock.wait() }
            return isOpen
        }
    }

    /// Wakes all waiting callers; no caller waits from here on.
    func close() {
        lock.withLock { isOpen = false }
        lock.broadcast()
    }
}
