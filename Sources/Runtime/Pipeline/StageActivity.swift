import Scheduling

/// How long a stage was at work.
package struct StageActivity: Sendable, Hashable {
    /// Seconds of layers and shares of the output head.
    package private(set) var busySeconds = 0.0
    /// Begin of the first piece of work; nil before it.
    package private(set) var first: Instant?
    /// End of the last piece of work; nil before the first.
    package private(set) var last: Instant?

    /// Adds a piece of work. Pieces must be added in the order of time.
    mutating func add(_ begin: Instant, _ end: Instant) {
        busySeconds += end.seconds(since: begin)
        if first == nil { first = begin }
        last = end
    }
}
