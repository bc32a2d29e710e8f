import DequeModule
import Transformer

/// A first-in, first-out queue between threads. Sending never blocks; receiving does.
final class Mailbox<Element: Sendable>: @unchecked Sendable {
    // Unchecked: the lock guards the state.
    private let lock = ConditionLock()
    private var queue = Deque<Element>()
    private var isClosed = false

    func send(_ element: Element) {
        lock.withLock { queue.append(element) }
        lock.broadcast()
    }

    /// Receivers get what is queued, then nil.
    func close() {
        lock.withLock { isClosed = true }
        lock.broadcast()
    }

    /// The oldest element; waits for one. nil once the box is closed and empty.
    func receive() -> Element? {
        lock.withLock {
            while queue.isEmpty && !isClosed { lock.wait() }
            return queue.popFirst()
        }
    }

    /// All elements, oldest first; waits for at least one. Empty only if the box is closed.
    func receiveAll() -> [Element] {
        lock.withLock {
            while queue.isEmpty && !isClosed { lock.wait() }
            defer { queue.removeAll(keepingCapacity: true) }
            return Array(queue)
        }
    }
}
