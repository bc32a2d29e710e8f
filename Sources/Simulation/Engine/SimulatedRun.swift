import Platform
import Scheduling

/// The result of a simulation.
public struct SimulatedRun: Sendable {
    /// The same record as of a real run; without steps and spans unless they were recorded.
    public let recording: RunRecording
    /// The outcome of each request, in the order in which the requests were given.
    public let requests: [RequestOutcome]
    public let counters: EngineCounters
    /// How often the phase of a micro-batch differed from that of the micro-batch dispatched before it.
    public let phaseSwitches: Int
    /// The trials of a policy that chooses among others.
    public let trials: [RecordedTrial]
    /// The use of each stage.
    public let stages: [SimulatedStage]
    /// Nanoseconds for which the transfers of each link occupied its medium: links to the next stage, then links to the
    /// heads.
    public let linkNanoseconds: [Int64]
    /// Prompt tokens of the requests that ran.
    public let promptTokens: Int
    /// Tokens that were drawn.
    public let outputTokens: Int
    /// Rows that went through the pipeline: prompts, decode steps, and tokens recomputed after a preemption.
    public let scheduledTokens: Int
    /// The times between two tokens of a request that follow each other, as the controller hears of them: all requests'
    /// together. A token that is drawn after a preemption counts with the whole time since the token before.
    package let tokenGaps: DurationHistogram
    public let log: SimulationLog

    /// When the last request ended; zero if none ran.
    public var end: Instant { recording.end }

    public var stageBusySeconds: [Double] { stages.map(\.busySeconds) }

    /// 1 - sum(busy) / (P * makespan), where the makespan runs from the first begin of work on any stage to the last
    /// end of work. 0 if nothing ran.
    public var bubbleRatio: Double {
        let begin = stages.compactMap(\.first).min()
        let end = stages.compactMap(\.last).max()
        guard let begin, let end, end > begin else { return 0 }
        return 1 - stageBusySeconds.reduce(0, +) / (Double(stages.count) * end.seconds(since: begin))
    }

    /// Tokens of prompts and answers divided by the time of the run; 0 if nothing ran.
    public var totalTokensPerSecond: Double {
        end > .zero ? Double(promptTokens + outputTokens) / end.seconds : 0
    }

    /// Tokens of answers divided by the time of the run; 0 if nothing ran.
    public var outputTokensPerSecond: Double { end > .zero ? Double(outputTokens) / end.seconds : 0 }
}
