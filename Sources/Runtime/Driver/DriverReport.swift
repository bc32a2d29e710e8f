import Scheduling

/// What a run leaves behind beside its answers.
public struct DriverReport: Sendable {
    public let counters: EngineCounters
    /// How often the phase of a micro-batch differed from that of the one dispatched before it.
    public let phaseSwitches: Int
    /// By stage.
    public let activity: [StageActivity]
    /// Empty unless the pipeline recorded them.
    public let spans: [StageSpan]
    /// When the last request had ended.
    public let end: Instant
    /// Seconds that all stages took, over those that the profile says of the same micro-batches. nil without a profile,
    /// or if nothing ran.
    public let profileRatio: Double?

    public var stageBusySeconds: [Double] { activity.map(\.busySeconds) }

    /// 1 - sum(busy) / (P * makespan), where the makespan runs from the first stage's first micro-batch to the end of
    /// the last one's. 0 if nothing ran.
    public var bubbleRatio: Double {
        let begin = activity.compactMap(\.first).min()
        let end = activity.compactMap(\.last).max()
        guard let begin, let end, end > begin else { return 0 }
        return 1 - stageBusySeconds.reduce(0, +) / (Double(activity.count) * end.seconds(since: begin))
    }
}
