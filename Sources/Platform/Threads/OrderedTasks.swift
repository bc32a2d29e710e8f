/// Independent tasks on several threads. What comes out does not depend on which thread did what, nor on when it ended.
package enum OrderedTasks {
    /// Runs the tasks 0 ..< count, and returns their results in this order.
    /// - Parameters:
    ///   - threads: how many tasks run at a time, the calling thread included; at least 1. More than `count` are not
    ///     started.
    ///   - task: called once for each number, on any of the threads.
    ///   - tell: called once for each number, in ascending order and never by two threads at a time, as soon as this
    ///     result and all before it are there.
    /// - Throws: `thread_failure` if a thread cannot be started.
    package static func results<Value: Sendable>(
        _ count: Int, threads: Int, of task: @escaping @Sendable (Int) -> Value,
        tell: @escaping @Sendable (Int, Value) -> Void = { _, _ in }
    ) throws(PlatformError) -> [Value] {
        precondition(count >= 0 && threads >= 1)
        let board = Board<Value>(count)
        let team = try ThreadTeam(count: max(1, min(threads, count)))
        team.forEach(count) { number, _ in board.put(task(number), at: number, tell) }
        return board.results
    }

    private final class Board<Value: Sendable>: Sendable {
        private struct State {
            var results: [Value?]
            /// The results before this number have been told.
            var told = 0
        }
        private let state: Guarded<State>

        init(_ count: Int) { state = Guarded(State(results: Array(repeating: nil, count: count))) }

        var results: [Value] { state.withLock { state in state.results.compactMap(\.self) } }

        func put(_ value: Value, at number: Int, _ tell: @Sendable (Int, Value) -> Void) {
            state.withLock { state in
                state.results[number] = value
                while state.told < state.results.count, let next = state.results[state.told] {
                    tell(state.told, next)
                    state.told += 1
                }
            }
        }
    }
}
