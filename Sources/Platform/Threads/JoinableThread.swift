#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An operating-system thread, for work that blocks or computes for long, which Swift concurrency's pool is not made
/// for.
package final class JoinableThread: @unchecked Sendable {
    // Unchecked: the handle is written once; `join` is called by one owner.
    private let handle: pthread_t
    private var isJoined = false

    /// Starts the thread.
    /// - Parameters:
    ///   - core: the core that the thread is pinned to; nil: not pinned.
    ///   - blocksSignals: whether the thread blocks all signals, so that other threads get them.
    package init(
        core: Int? = nil, blocksSignals: Bool = false, _ body: @escaping @Sendable () -> Void
    ) throws(PlatformError) {
        let box = Unmanaged.passRetained(
            Body {
                if let core { pinCurrentThread(to: core) }
                if blocksSignals {
                    var signals = sigset_t()
                    sigfillset(&signals)
                    pthread_sigmask(SIG_BLOCK, &signals, nil)
                }
                body()
            })
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let status = pthread_create(&thread, nil, runBody, box.toOpaque())
        guard status == 0 else {
            box.release()
            throw PlatformError(.threadFailure, "a thread could not be started: error \(status)")
        }
        #if canImport(Darwin)
            handle = thread!
        #else
            handle = thread
        #endif
    }

    /// Waits for the thread's end.
    package func join() {
        guard !isJoined else { return }
        isJoined = true
        pthread_join(handle, nil)
    }
}

private final class Body {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
}

#if canImport(Darwin)
    private func runBody(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
    }
#else
    private func runBody(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
        return nil
    }
#endif
