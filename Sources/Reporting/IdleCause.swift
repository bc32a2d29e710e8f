import Scheduling

/// Why a stage computes nothing for a while.
///
/// The makespan of a run lasts from the beginning of the first span of any stage to the end of the last span of any
/// stage. Within it, each moment of each stage is either busy (inside one of its spans) or idle for exactly one cause.
public enum IdleCause: String, Sendable, Hashable, CaseIterable {
    /// Before the stage's first span. A stage without spans warms up for the whole makespan.
    case warmUp = "warm-up"
    /// Between two spans of the same phase, until the input of the second is ready. An input is ready when the
    /// previous stage has ended its span of that micro-batch; for stage 0, and where the previous stage recorded no
    /// such span, when the micro-batch was dispatched. Time counts as starved as well if there is no record of either.
    case starved
    /// Between two spans of the same phase, after the input of the second was ready: the way over the link, and the
    /// time that the stage needs to notice.
    case handover
    /// Between two spans of different phases, whatever the reason: the price of a phase switch.
    case phaseSwitch = "phase switch"
    /// After the stage's last span.
    case drain
}

/// A stretch of time in which one stage computes nothing.
public struct IdleGap: Sendable, Hashable {
    public let stage: StageID
    public let cause: IdleCause
    public let begin: Instant
    public let end: Instant

    public init(stage: StageID, cause: IdleCause, begin: Instant, end: Instant) {
        self.stage = stage
        self.cause = cause
        self.begin = begin
        self.end = end
    }

    public var seconds: Double { end.seconds(since: begin) }
}
