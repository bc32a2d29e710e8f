/// A piece of work for a team, and each member's part of it. Every kind of work is a type of its own that stores `body`
/// as it was passed: in a tuple the compiler would wrap the closure, on the heap.
@usableFromInline
protocol TeamWork {
    func run(member: Int)
}

@usableFromInline
struct PlainWork<Context>: TeamWork {
    @usableFromInline let context: Context
    @usableFromInline let body: (Context, Int) -> Void

    @inlinable
    init(context: Context, body: @escaping (Context, Int) -> Void) {
        self.context = context
        self.body = body
    }

    @inlinable
    func run(member: Int) { body(context, member) }
}

@usableFromInline
struct SplitWork<Context>: TeamWork {
    @usableFromInline let context: Context
    @usableFromInline let total: Int
    @usableFromInline let members: Int
    @usableFromInline let body: (Context, Range<Int>) -> Void

    @inlinable
    init(context: Context, total: Int, members: Int, body: @escaping (Context, Range<Int>) -> Void) {
        self.context = context
        self.total = total
        self.members = members
        self.body = body
    }

    @inlinable
    func run(member: Int) {
        let range = WorkShares.share(of: member, among: members, total: total)
        if !range.isEmpty { body(context, range) }
    }
}

@usableFromInline
struct TaskWork<Context>: TeamWork {
    @usableFromInline let context: Context
    @usableFromInline let total: Int
    @usableFromInline let barrier: TeamBarrier
    @usableFromInline let body: (Context, Int, Int) -> Void

    @inlinable
    init(context: Context, total: Int, barrier: TeamBarrier, body: @escaping (Context, Int, Int) -> Void) {
        self.context = context
        self.total = total
        self.barrier = barrier
        self.body = body
    }

    @inlinable
    func run(member: Int) {
        while true {
            let task = barrier.takeTask()
            guard task < total else { return }
            body(context, task, member)
        }
    }
}

@usableFromInline
struct SharedWork<Context>: TeamWork {
    @usableFromInline let context: Context
    @usableFromInline let shares: WorkShares
    @usableFromInline let least: Int
    @usableFromInline let body: (Context, WorkPieces, Int) -> Void

    @inlinable
    init(context: Context, shares: WorkShares, least: Int, body: @escaping (Context, WorkPieces, Int) -> Void) {
        self.context = context
        self.shares = shares
        self.least = least
        self.body = body
    }

    @inlinable
    func run(member: Int) { body(context, WorkPieces(shares, member: member, least: least), member) }
}

/// A pointer to work on the stack of the thread that calls `run`, and the function that does a member's part.
@usableFromInline
struct TeamCall {
    @usableFromInline let work: UnsafeRawPointer
    @usableFromInline let body: (_ work: UnsafeRawPointer, _ member: Int) -> Void

    @inlinable
    init(work: UnsafeRawPointer, body: @escaping (_ work: UnsafeRawPointer, _ member: Int) -> Void) {
        self.work = work
        self.body = body
    }
}
