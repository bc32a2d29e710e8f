import Scheduling

/// The results of a run other than its answers.
package struct DriverReport: Sendable {
    package let counters: EngineCounters
    /// How often the phase of a micro-batch differed from that of the micro-batch dispatched before it.
    package let phaseSwitches: Int
    /// The trials of a policy that chooses among others.
    package let trials: [RecordedTrial]
    /// The activity of each stage.
    package let activity: [StageActivity]
    /// Empty unless the pipeline recorded them.
    package let spans: [StageSpan]
    /// When the last request had ended.
    package let end: Instant
    /// Seconds that all stages took, divided by the profile's seconds for the same micro-batches; nil without a
    /// profile, or if nothing ran.
    package let profileRatio: Double?

    package var stageBusySeconds: [Double] { activity.map(\.busySeconds) }

    /// 1 - sum(busy) / (P * makespan), where the makespan runs from the first begin of work on any stage to the last
    /// end of work. 0 if nothing ran.
    package var bubbleRatio: Double {
        let begin = activity.compactMap(\.first).min()
        let end = activity.compactMap(\.last).max()
        guard let begin, let end, end > begin else { return 0 }
        return 1 - stageBusySeconds.reduce(0, +) / (Double(activity.count) * end.seconds(since: begin))
    }
}
