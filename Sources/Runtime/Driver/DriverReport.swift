import Scheduling

/// What a run leaves behind beside its answers.
package struct DriverReport: Sendable {
    package let counters: EngineCounters
    /// How often the phase of a micro-batch differed from that of the one dispatched before it.
    package let phaseSwitches: Int
    /// By stage.
    package let activity: [StageActivity]
    /// Empty unless the pipeline recorded them.
    package let spans: [StageSpan]
    /// When the last request had ended.
    package let end: Instant
    /// Seconds that all stages took, over those that the profile says of the same micro-batches. nil without a profile,
    /// or if nothing ran.
    package let profileRatio: Double?

    package var stageBusySeconds: [Double] { activity.map(\.busySeconds) }

    /// 1 - sum(busy) / (P * makespan), where the makespan runs from the first stage's first micro-batch to the end of
    /// the last one's. 0 if nothing ran.
    package var bubbleRatio: Double {
        let begin = activity.compactMap(\.first).min()
        let end = activity.compactMap(\.last).max()
        guard let begin, let end, end > begin else { return 0 }
        return 1 - stageBusySeconds.reduce(0, +) / (Double(activity.count) * end.seconds(since: begin))
    }
}
