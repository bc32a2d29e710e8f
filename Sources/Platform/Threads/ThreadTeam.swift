/// A fixed team of threads that do one piece of work at a time. The thread that calls `run` is member 0; the other
/// members spin for a short time between runs, then sleep.
///
/// Work is split so that no result depends on the member that computed it, so the team's size never changes a number.
/// One thread at a time may use a team: giving it work during a run, from another thread or from a member, fails a
/// precondition.
@usableFromInline
package final class ThreadTeam: @unchecked Sendable {
    // Unchecked: the caller writes the call before it publishes the generation, and members read the call after that.
    @usableFromInline package let count: Int
    @usableFromInline let shared: TeamBarrier
    private var members: [JoinableThread] = []

    /// - Parameters:
    ///   - count: the number of members, the caller included; at least 1.
    ///   - cores: cores to pin members 1... to, by member index; nil leaves them to the system.
    ///   - spins: how often a member polls for work, some 20 ns apart, before it sleeps; 0 if threads share cores.
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

    /// Calls `body` once on each member with the member's index, and returns when all calls have returned.
    ///
    /// Pass what `body` needs as `context`, which stays on the stack until all members have returned. If `body`
    /// captures nothing, and the compiler knows both types, nothing is allocated: a closure that other threads call
    /// lies on the heap, and a step of a model would allocate hundreds.
    @inlinable
    package func run<Context>(with context: Context, _ body: @escaping (_ context: Context, _ member: Int) -> Void) {
        run(PlainWork(context: context, body: body))
    }

    /// Cuts 0 ..< total into one range per member. No member is called with an empty range.
    @inlinable
    package func split<Context>(
        _ total: Int, with context: Context, _ body: @escaping (_ context: Context, _ range: Range<Int>) -> Void
    ) {
        guard total > 0 else { return }
        guard count > 1, total > 1 else { return body(context, 0..<total) }
        run(SplitWork(context: context, total: total, members: count, body: body))
    }

    /// Hands out 0 ..< total one by one to members as they become free, for tasks of different sizes.
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

    /// Calls `body` once on each member, with the pieces of 0 ..< total that the member works on: first the pieces of
    /// its own range, in order, then pieces that it steals from the ranges of others, until nothing is left (work
    /// stealing). For work that takes different times on equal cores, such as reading memory.
    /// - Parameter least: the least number of indices in a piece; at least 1. Only the last piece of a share may have
    ///   fewer. A team of one takes all indices at once.
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
            // The caller keeps the work alive until `helperDone`, and the call has released all its copies when it
            // returns: so this thread never releases the last reference.
            call.body(call.work, index)
            shared.helperDone()
        }
    }
}

extension ThreadTeam {
    /// `run` with a closure, which may lie on the heap.
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
