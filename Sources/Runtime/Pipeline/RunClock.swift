import Scheduling
import Synchronization

/// The real clock of a run: monotonic, from the moment it was started.
package final class RunClock: Sendable {
    private let origin = ContinuousClock.now
    private let offset = Atomic<Int64>(0)

    package init() {}

    /// The run begins: from here on `now` counts from 0. Loading a model does not belong to a run.
    package func start() { offset.store(elapsed, ordering: .releasing) }

    package var now: Instant { Instant(nanoseconds: elapsed - offset.load(ordering: .acquiring)) }

    private var elapsed: Int64 {
        let elapsed = (ContinuousClock.now - origin).components
        return elapsed.seconds * 1_000_000_000 + elapsed.attoseconds / 1_000_000_000
    }
}
