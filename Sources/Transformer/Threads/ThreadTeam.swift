import CPlatform
import Synchronization

/// A fixed team of threads that work on one thing at a time. The thread that calls `run` is member 0; the others sleep
/// between runs after a short spin.
///
/// Work is split so that no result depends on who computed it, so the team's size never changes a number.
public final class ThreadTeam: @unchecked Sendable {
    // Unchecked: `body` is written by the caller before the generation is published and read by members after it.
    public let count: Int
    private let shared: Shared
    private var members: [JoinableThread] = []

    /// - Parameters:
    ///   - count: members, the caller included; at least 1.
    ///   - cores: cores to pin members 1... to, by member index; nil leaves them to the system.
    ///   - spins: how often a member looks for work before it sleeps, some 20 ns apart; 0 where cores are shared.
    public init(count: Int, cores: [Int]? = nil, spins: Int = 2000) throws(TransformerError) {
        precondition(count > 0)
        self.count = count
        shared = Shared(helpers: count - 1, spins: spins)
        for index in 1..<max(1, count) {
            let shared = self.shared
            let core = cores.map { $0[index % $0.count] }
            members.append(try JoinableThread(core: core) { Self.work(shared, index: index) })
        }
    }

    deinit {
        shared.publish(nil)
        for member in members { member.join() }
    }

    /// Calls `body` once on each member with its index, and returns when all have returned and let go of it.
    public func run(_ body: @escaping (Int) -> Void) {
        guard count > 1 else { return body(0) }
        shared.publish(body)
        body(0)
        shared.waitForHelpers()
    }

    /// Cuts 0 ..< total into one neighbouring range a member. Nobody is called for nothing.
    public func split(_ total: Int, _ body: @escaping (Range<Int>) -> Void) {
        guard total > 0 else { return }
        guard count > 1, total > 1 else { return body(0..<total) }
        run { [count] index in
            let range = (total * index / count)..<(total * (index + 1) / count)
            if !range.isEmpty { body(range) }
        }
    }

    /// Hands out 0 ..< total one by one to whichever member is free: for tasks of unlike sizes.
    public func forEach(_ total: Int, _ body: @escaping (_ task: Int, _ member: Int) -> Void) {
        guard count > 1, total > 1 else {
            for task in 0..<total { body(task, 0) }
            return
        }
        shared.nextTask.store(0, ordering: .relaxed)
        run { [shared] member in
            while true {
                let task = shared.nextTask.wrappingAdd(1, ordering: .relaxed).oldValue
                guard task < total else { return }
                body(task, member)
            }
        }
    }

    /// Calls `body` once on each member, with the pieces of 0 ..< total that it is to work on: first those of its own
    /// neighbouring range, in order, then what others have not yet begun of theirs, until nothing is left. For work that
    /// takes unlike times on cores alike, as reading memory does.
    /// - Parameter least: indices that are worth taking at a time; at least 1. Only a last piece has fewer. A team of one
    ///   takes all at once.
    public func share(_ total: Int, least: Int, _ body: @escaping (_ pieces: WorkPieces, _ member: Int) -> Void) {
        precondition(total >= 0 && least > 0)
        shared.shares.deal(total)
        let least = count > 1 ? least : max(1, total)
        run { [shares = shared.shares] member in
            body(WorkPieces(shares, member: member, least: least), member)
        }
    }

    private static func work(_ shared: Shared, index: Int) {
        var seen = 0
        while true {
            seen = shared.awaitGeneration(after: seen)
            guard shared.runBody(index) else { return }
            shared.helperDone()
        }
    }
}

extension ThreadTeam {
    /// What the members share: the work, and a barrier that spins before it sleeps.
    private final class Shared: @unchecked Sendable {
        private let helpers: Int
        private let spins: Int
        private let generation = Atomic<Int>(0)
        private let pending = Atomic<Int>(0)
        let nextTask = Atomic<Int>(0)
        let shares: WorkShares
        private let lock = ConditionLock()
        /// nil tells the helpers to end.
        private var body: ((Int) -> Void)?

        init(helpers: Int, spins: Int) {
            self.helpers = helpers
            shares = WorkShares(members: helpers + 1)
            self.spins = spins
        }

        func publish(_ body: ((Int) -> Void)?) {
            self.body = body
            pending.store(helpers, ordering: .relaxed)
            lock.withLock { _ = generation.wrappingAdd(1, ordering: .releasing) }
            lock.broadcast()
        }

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

        /// Runs the work and lets go of it before the caller can return: the last reference to what the work holds, the
        /// team perhaps, must not end on a helper. False if there is none.
        @inline(never)
        func runBody(_ index: Int) -> Bool {
            guard let body else { return false }
            body(index)
            return true
        }

        func helperDone() {
            if pending.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
                lock.withLock {}
                lock.broadcast()
            }
        }

        func waitForHelpers() {
            for _ in 0..<spins {
                if pending.load(ordering: .acquiring) == 0 { break }
                tw_relax()
            }
            if pending.load(ordering: .acquiring) != 0 {
                lock.withLock { while pending.load(ordering: .acquiring) != 0 { lock.wait() } }
            }
            body = nil
        }
    }
}
