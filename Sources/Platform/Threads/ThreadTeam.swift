/// A fixed team of threads that work on one thing at a time. The thread that calls `run` is member 0; the others sleep
/// between runs after a short spin.
///
/// Work is split so that no result depends on who computed it, so the team's size never changes a number. A team is for one
/// thread at a time: work that is given to it while it is at work, by another thread or by a member, is a failed
/// precondition.
@usableFromInline
package final class ThreadTeam: @unchecked Sendable {
    // Unchecked: the call is written by the caller before the generation is published and read by members after it.
    @usableFromInline package let count: Int
    @usableFromInline let shared: TeamBarrier
    private var members: [JoinableThread] = []

    /// - Parameters:
    ///   - count: members, the caller included; at least 1.
    ///   - cores: cores to pin members 1... to, by member index; nil leaves them to the system.
    ///   - spins: how often a member looks for work before it sleeps, some 20 ns apart; 0 where cores are shared.
    package init(count: Int, cores: [Int]? = nil, spins: Int = 2000) throws(PlatformError) {
        precondition(count > 0)
        self.count = count
        shared = TeamBarrier(helpers: count - 1, spins: spins)
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
    @inlinable
    package func run<Context>(with context: Context, _ body: @escaping (_ context: Context, _ member: Int) -> Void) {
        run(PlainWork(context: context, body: body))
    }

    /// Cuts 0 ..< total into one neighbouring range a member. Nobody is called for nothing.
    @inlinable
    package func split<Context>(
        _ total: Int, with context: Context, _ body: @escaping (_ context: Context, _ range: Range<Int>) -> Void
    ) {
        guard total > 0 else { return }
        guard count > 1, total > 1 else { return body(context, 0..<total) }
        run(SplitWork(context: context, total: total, members: count, body: body))
    }

    /// Hands out 0 ..< total one by one to whichever member is free: for tasks of unlike sizes.
    @inlinable
    package func forEach<Context>(
        _ total: Int, with context: Context, _ body: @escaping (_ context: Context, _ task: Int, _ member: Int) -> Void
    ) {
        guard count > 1, total > 1 else {
            for task in 0..<total { body(context, task, 0) }
            return
        }
        shared.beginTasks()
        run(TaskWork(context: context, total: total, barrier: shared, body: body))
    }

    /// Calls `body` once on each member, with the pieces of 0 ..< total that it is to work on: first those of its own
    /// neighbouring range, in order, then what others have not yet begun of theirs, until nothing is left. For work that
    /// takes unlike times on cores alike, as reading memory does.
    /// - Parameter least: indices that are worth taking at a time; at least 1. Only the last piece of a share has fewer.
    ///   A team of one takes all at once.
    @inlinable
    package func share<Context>(
        _ total: Int, least: Int, with context: Context,
        _ body: @escaping (_ context: Context, _ pieces: WorkPieces, _ member: Int) -> Void
    ) {
        precondition(total >= 0 && least > 0)
        shared.shares.deal(total)
        let least = count > 1 ? least : max(1, total)
        run(SharedWork(context: context, shares: shared.shares, least: least, body: body))
    }

    @inlinable
    func run<Work: TeamWork>(_ work: Work) {
        guard count > 1 else { return work.run(member: 0) }
        shared.begin()
        withUnsafePointer(to: work) { pointer in
            shared.publish(
                TeamCall(work: pointer) { pointer, member in
                    pointer.assumingMemoryBound(to: Work.self).pointee.run(member: member)
                })
            work.run(member: 0)
            shared.waitForHelpers()
        }
        shared.end()
    }

    private static func work(_ shared: TeamBarrier, index: Int) {
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
    /// `run` of a closure, which may lie on the heap.
    @inlinable
    package func run(_ body: @escaping (_ member: Int) -> Void) {
        run(with: body) { body, member in body(member) }
    }

    /// `split` with a closure, which may lie on the heap.
    @inlinable
    package func split(_ total: Int, _ body: @escaping (_ range: Range<Int>) -> Void) {
        split(total, with: body) { body, range in body(range) }
    }

    /// `forEach` with a closure, which may lie on the heap.
    @inlinable
    package func forEach(_ total: Int, _ body: @escaping (_ task: Int, _ member: Int) -> Void) {
        forEach(total, with: body) { body, task, member in body(task, member) }
    }
}
