import Scheduling

/// What a simulation gave.
public struct SimulatedRun: Sendable {
    /// As a real run leaves it; without steps and spans unless they were recorded.
    public let recording: RunRecording
    /// One for each request, in the order in which they were given.
    public let requests: [RequestOutcome]
    public let counters: EngineCounters
    /// How often the phase of a micro-batch differed from that of the one dispatched before it.
    public let phaseSwitches: Int
    /// By stage.
    public let stages: [SimulatedStage]
    /// Nanoseconds that transfers took the medium of each link: those to the next stage, then those to the heads.
    public let linkNanoseconds: [Int64]
    /// Tokens of prompts, of requests that ran.
    public let promptTokens: Int
    /// Tokens that were drawn.
    public let outputTokens: Int
    /// Rows that went through the pipeline: prompts, decode steps, and what preemption made necessary again.
    public let scheduledTokens: Int
    public let log: SimulationLog

    /// When the last request ended; zero if none ran.
    public var end: Instant { recording.end }

    public var stageBusySeconds: [Double] { stages.map(\.busySeconds) }

    /// 1 - sum(busy) / (P * makespan), where the makespan runs from the first stage's first micro-batch to the end of
    /// the last work of any. 0 if nothing ran.
    public var bubbleRatio: Double {
        let begin = stages.compactMap(\.first).min()
        let end = stages.compactMap(\.last).max()
        guard let begin, let end, end > begin else { return 0 }
        return 1 - stageBusySeconds.reduce(0, +) / (Double(stages.count) * end.seconds(since: begin))
    }

    /// Tokens of prompts and answers by the time of the run; 0 if nothing ran.
    public var totalTokensPerSecond: Double {
        end > .zero ? Double(promptTokens + outputTokens) / end.seconds : 0
    }

    /// Tokens of answers by the time of the run; 0 if nothing ran.
    public var outputTokensPerSecond: Double { end > .zero ? Double(outputTokens) / end.seconds : 0 }
}
