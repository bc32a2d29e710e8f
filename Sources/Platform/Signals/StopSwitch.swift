/// Connects a signal, which may come at any time, with a run, which can be stopped only once it has begun.
package final class StopSwitch: Sendable {
    private struct State {
        var isPulled = false
        var action: (@Sendable () -> Void)?
    }
    private let state = Guarded(State())

    package init() {}

    package func pull() {
        let action = state.withLock { state in
            state.isPulled = true
            return state.action
        }
        action?()
    }

    package func connect(_ action: @escaping @Sendable () -> Void) {
        let isPulled = state.withLock { state in
            state.action = action
            return state.isPulled
        }
        if isPulled { action() }
    }
}
