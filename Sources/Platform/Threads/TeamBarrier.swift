import CPlatform
import Synchronization

/// What a team's members share: the work, and a barrier that spins before it sleeps.
@usableFromInline
final class TeamBarrier: @unchecked Sendable {
    private let helpers: Int
    private let spins: Int
    private let generation = Atomic<Int>(0)
    private let pending = Atomic<Int>(0)
    private let nextTask = Atomic<Int>(0)
    private let isAtWork = Atomic<Bool>(false)
    @usableFromInline let shares: WorkShares
    private let lock = ConditionLock()
    /// The current work; nil tells the helpers to end.
    private(set) var call: TeamCall?

    init(helpers: Int, spins: Int) {
        self.helpers = helpers
        shares = WorkShares(members: helpers + 1)
        self.spins = spins
    }

    /// Marks the beginning of a run. Two runs at a time would overwrite each other's work: a bug in the caller.
    @usableFromInline
    func begin() {
        let wasAtWork = isAtWork.exchange(true, ordering: .acquiring)
        precondition(!wasAtWork, "a thread team was given work while it was at work")
    }

    /// Marks the end of the run.
    @usableFromInline
    func end() { isAtWork.store(false, ordering: .releasing) }

    @usableFromInline
    func publish(_ call: TeamCall?) {
        self.call = call
        pending.store(helpers, ordering: .relaxed)
        lock.withLock { _ = generation.wrappingAdd(1, ordering: .releasing) }
        lock.broadcast()
    }

    /// Makes `takeTask` begin at 0 again. Called while no member works.
    @usableFromInline
    func beginTasks() { nextTask.store(0, ordering: .relaxed) }

    /// The next task that no member has taken.
    @usableFromInline
    func takeTask() -> Int { nextTask.wrappingAdd(1, ordering: .relaxed).oldValue }

    func awaitGeneration(after seen: Int) -> Int {
        for _ in 0..<spins {
            let now = generation.load(ordering: .acquiring)
            if now != seen { return now }
            tw_relax()
        }
        return lock.withLock {
            while generation.load(ordering: .acquiring) == seen { lock.wait() }
            return generation.load(ordering: .acquiring)
        }
    }

    func helperDone() {
        if pending.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
            lock.withLock {}
            lock.broadcast()
        }
    }

    @usableFromInline
    func waitForHelpers() {
        for _ in 0..<spins {
            if pending.load(ordering: .acquiring) == 0 { break }
            tw_relax()
        }
        if pending.load(ordering: .acquiring) != 0 {
            lock.withLock { while pending.load(ordering: .acquiring) != 0 { lock.wait() } }
        }
    }
}
