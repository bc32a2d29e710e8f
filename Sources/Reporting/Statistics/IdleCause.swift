import Scheduling

/// Why a stage computes nothing for a while.
///
/// The makespan of a run lasts from the beginning of the first span of any stage to the end of the last span of any
/// stage. Within it, each moment of each stage is either busy (inside one of its spans) or idle for exactly one cause.
///
/// A stage works on a micro-batch in one or two pieces, its layers and later its share of the output head. The pieces
/// left for a stage at a moment are those that it begins at that moment or later. A piece is *dispatched* when its
/// micro-batch is. A piece is *ready* when its input is there: layers when the previous stage has ended its layers of
/// the micro-batch, a share of the head when the last stage has ended its layers, and a piece on stage 0, or without
/// such a span in the recording, when it is dispatched. A micro-batch without a record counts as dispatched when its
/// first span began.
package enum IdleCause: String, Sendable, Hashable, CaseIterable {
    /// Before the stage's first span. A stage without spans warms up for the whole makespan.
    case warmUp = "warm-up"
    /// At least one piece is dispatched, but none is ready: another stage still computes what this one needs.
    case starved
    /// No piece is dispatched: the stage has done its part in every micro-batch that exists, and the next one waits for
    /// tokens to come back or for the controller.
    case blocked
    /// The cost of a phase switch: idle time, for any reason, right before layers of a decode micro-batch that follow
    /// layers of a prefill micro-batch, or the other way round. Idle time before a share of the head is never a switch,
    /// nor is idle time before or after a mixed micro-batch, which belongs to both phases.
    case phaseSwitch = "phase switch"
    /// A piece is ready: the time of the transfer over the link, and the time until the stage notices.
    case handOver = "hand-over"
    /// After the stage's last span.
    case drain

    /// The name in JSON: `warm_up`, `starved`, `blocked`, `phase_switch`, `hand_over`, `drain`.
    package var key: String {
        switch self {
        case .warmUp: "warm_up"
        case .starved: "starved"
        case .blocked: "blocked"
        case .phaseSwitch: "phase_switch"
        case .handOver: "hand_over"
        case .drain: "drain"
        }
    }
}

/// A stretch of time in which one stage computes nothing.
package struct IdleGap: Sendable, Hashable {
    package let stage: StageID
    package let cause: IdleCause
    package let begin: Instant
    package let end: Instant

    package init(stage: StageID, cause: IdleCause, begin: Instant, end: Instant) {
        self.stage = stage
        self.cause = cause
        self.begin = begin
        self.end = end
    }

    package var seconds: Double { end.seconds(since: begin) }
}
