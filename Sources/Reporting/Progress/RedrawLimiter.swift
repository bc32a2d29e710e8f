import Scheduling

/// Admits an action at most once in an interval. The caller supplies the time.
package struct RedrawLimiter: Sendable, Hashable {
    /// Nanoseconds that must pass between two admissions.
    package let interval: Int64
    private var last: Instant?

    package init(intervalNanoseconds: Int64) {
        interval = intervalNanoseconds
    }

    /// Whether the action may happen at `now`: the first time, once the interval has passed since the last admission,
    /// and if the clock has gone back. Records the admission.
    package mutating func admits(at now: Instant) -> Bool {
        if let last, now >= last {
            let (passed, overflow) = now.nanoseconds.subtractingReportingOverflow(last.nanoseconds)
            if !overflow && passed < interval { return false }
        }
        last = now
        return true
    }
}
