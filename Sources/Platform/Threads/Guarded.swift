import Synchronization

/// A value that one thread at a time may use: the standard library's `Mutex`.
///
/// The thread sanitizer does not know the futex inside that lock and reports each use as a race. A build for the sanitizer
/// defines `TIDEWAY_THREAD_SANITIZER` and has a POSIX mutex in its place.
package struct Guarded<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    // Unchecked: the lock guards the value.
    #if TIDEWAY_THREAD_SANITIZER
        private let lock = ConditionLock()
        private let value = UnsafeMutablePointer<Value>.allocate(capacity: 1)

        package init(_ value: consuming sending Value) { self.value.initialize(to: value) }

        deinit {
            value.deinitialize(count: 1)
            value.deallocate()
        }

        package func withLock<Result, Failure: Error>(
            _ body: (inout Value) throws(Failure) -> Result
        ) throws(Failure) -> Result {
            try lock.withLock { () throws(Failure) in try body(&value.pointee) }
        }
    #else
        private let mutex: Mutex<Value>

        package init(_ value: consuming sending Value) { mutex = Mutex(value) }

        /// Runs `body` with the value while no other thread has it. What `body` returns must not be a way to the value.
        package func withLock<Result, Failure: Error>(
            _ body: (inout sending Value) throws(Failure) -> sending Result
        ) throws(Failure) -> sending Result {
            try mutex.withLock(body)
        }
    #endif
}
