import Scheduling

/// When a stage was at work, in sums.
package struct StageActivity: Sendable, Hashable {
    /// Layers and shares of the output head.
    package private(set) var busySeconds = 0.0
    /// Begin of the first piece of work and end of the last; nil before the first.
    package private(set) var first: Instant?
    package private(set) var last: Instant?

    /// Adds a piece of work. Pieces of a stage follow each other.
    mutating func add(_ begin: Instant, _ end: Instant) {
        busySeconds += end.seconds(since: begin)
        if first == nil { first = begin }
        last = end
    }
}
