import CPlatform
import Synchronization

/// A fixed team of threads that work on one thing at a time. The thread that calls `run` is member 0; the others sleep
/// between runs after a short spin.
///
/// Work is split so that no result depends on who computed it, so the team's size never changes a number.
public final class ThreadTeam: @unchecked Sendable {
    // Unchecked: the call is written by the caller before the generation is published and read by members after it.
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

    /// Calls `body` once on each member with its index, and returns when all have returned.
    ///
    /// What `body` needs is `context`, which stays on the stack until all have returned. So nothing is allocated, where
    /// the compiler knows both types, if `body` captures nothing: closures that other threads call lie on the heap, and
    /// a step of a model would have hundreds.
    public func run<Context>(with context: Context, _ body: @escaping (_ context: Context, _ member: Int) -> Void) {
        run(PlainWork(context: context, body: body))
    }

    /// Cuts 0 ..< total into one neighbouring range a member. Nobody is called for nothing.
    public func split<Context>(
        _ total: Int, with context: Context, _ body: @escaping (_ context: Context, _ range: Range<Int>) -> Void
    ) {
        guard total > 0 else { return }
        guard count > 1, total > 1 else { return body(context, 0..<total) }
        run(SplitWork(context: context, total: total, members: count, body: body))
    }

    /// Hands out 0 ..< total one by one to whichever member is free: for tasks of unlike sizes.
    public func forEach<Context>(
        _ total: Int, with context: Context, _ body: @escaping (_ context: Context, _ task: Int, _ member: Int) -> Void
    ) {
        guard count > 1, total > 1 else {
            for task in 0..<total { body(context, task, 0) }
            return
        }
        shared.nextTask.store(0, ordering: .relaxed)
        run(TaskWork(context: context, total: total, shared: shared, body: body))
    }

    /// Calls `body` once on each member, with the pieces of 0 ..< total that it is to work on: first those of its own
    /// neighbouring range, in order, then what others have not yet begun of theirs, until nothing is left. For work that
    /// takes unlike times on cores alike, as reading memory does.
    /// - Parameter least: indices that are worth taking at a time; at least 1. Only the last piece of a share has fewer.
    ///   A team of one takes all at once.
    public func share<Context>(
        _ total: Int, least: Int, with context: Context,
        _ body: @escaping (_ context: Context, _ pieces: WorkPieces, _ member: Int) -> Void
    ) {
        precondition(total >= 0 && least > 0)
        shared.shares.deal(total)
        let least = count > 1 ? least : max(1, total)
        run(SharedWork(context: context, shares: shared.shares, least: least, body: body))
    }

    private func run<Work: TeamWork>(_ work: Work) {
        guard count > 1 else { return work.run(member: 0) }
        withUnsafePointer(to: work) { pointer in
            shared.publish(
                TeamCall(work: pointer) { pointer, member in
                    pointer.assumingMemoryBound(to: Work.self).pointee.run(member: member)
                })
            work.run(member: 0)
            shared.waitForHelpers()
        }
    }

    private static func work(_ shared: Shared, index: Int) {
        var seen = 0
        while true {
            seen = shared.awaitGeneration(after: seen)
            guard let call = shared.call else { return }
            // The caller holds the work until `helperDone`, and the call returns with all its copies released: no last
            // reference ends here.
            call.body(call.work, index)
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
        private(set) var call: TeamCall?

        init(helpers: Int, spins: Int) {
            self.helpers = helpers
            shares = WorkShares(members: helpers + 1)
            self.spins = spins
        }

        func publish(_ call: TeamCall?) {
            self.call = call
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
        }
    }
}

extension ThreadTeam {
    /// What each member does of some work. Values of their own types, so that the body stands in them as it was given: in
    /// a tuple the compiler would wrap it, on the heap.
    private protocol TeamWork {
        func run(member: Int)
    }

    private struct PlainWork<Context>: TeamWork {
        let context: Context
        let body: (Context, Int) -> Void
        func run(member: Int) { body(context, member) }
    }

    private struct SplitWork<Context>: TeamWork {
        let context: Context
        let total: Int
        let members: Int
        let body: (Context, Range<Int>) -> Void

        func run(member: Int) {
            let range = WorkShares.share(of: member, among: members, total: total)
            if !range.isEmpty { body(context, range) }
        }
    }

    private struct TaskWork<Context>: TeamWork {
        let context: Context
        let total: Int
        let shared: Shared
        let body: (Context, Int, Int) -> Void

        func run(member: Int) {
            while true {
                let task = shared.nextTask.wrappingAdd(1, ordering: .relaxed).oldValue
                guard task < total else { return }
                body(context, task, member)
            }
        }
    }

    private struct SharedWork<Context>: TeamWork {
        let context: Context
        let shares: WorkShares
        let least: Int
        let body: (Context, WorkPieces, Int) -> Void
        func run(member: Int) { body(context, WorkPieces(shares, member: member, least: least), member) }
    }

    /// Work that waits on the stack of the thread that wants it done.
    private struct TeamCall {
        let work: UnsafeRawPointer
        let body: (_ work: UnsafeRawPointer, _ member: Int) -> Void
    }
}

extension ThreadTeam {
    /// `run` of a closure, which may lie on the heap.
    public func run(_ body: @escaping (_ member: Int) -> Void) {
        run(with: body) { body, member in body(member) }
    }

    /// `split` with a closure, which may lie on the heap.
    public func split(_ total: Int, _ body: @escaping (_ range: Range<Int>) -> Void) {
        split(total, with: body) { body, range in body(range) }
    }

    /// `forEach` with a closure, which may lie on the heap.
    public func forEach(_ total: Int, _ body: @escaping (_ task: Int, _ member: Int) -> Void) {
        forEach(total, with: body) { body, task, member in body(task, member) }
    }
}
