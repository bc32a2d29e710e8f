#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Turns the first SIGINT or SIGTERM into a call; the second signal ends the process at once.
package final class Interruption: Sendable {
    private let thread: JoinableThread

    /// Call before other threads start: they inherit the blocked signals, so that only this object's thread receives
    /// them.
    package init(_ onSignal: @escaping @Sendable () -> Void) throws {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
        let blocked = signals
        thread = try JoinableThread {
            var number: Int32 = 0
            var set = blocked
            guard sigwait(&set, &number) == 0 else { return }
            onSignal()
            guard sigwait(&set, &number) == 0 else { return }
            _exit(128 + number)
        }
    }
}
