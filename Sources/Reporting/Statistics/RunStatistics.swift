import Scheduling

/// The statistics of a recording: how busy the stages were, and why they were idle.
package struct RunStatistics: Sendable, Hashable {
    /// One stage's use of the makespan. Busy and idle seconds add up to the makespan.
    package struct Stage: Sendable, Hashable {
        package let stage: StageID
        /// Micro-batches whose layers the stage computed.
        package let microBatches: Int
        /// Seconds within spans.
        package let busySeconds: Double
        /// Seconds of `busySeconds` that went into the stage's share of the output head.
        package let headSeconds: Double
        /// Seconds outside spans.
        package let idle: IdleByCause
    }

    /// The micro-batches of one phase.
    package struct PhaseTotals: Sendable, Hashable {
        package internal(set) var microBatches = 0
        /// Tokens of prompts, of recomputed answers and of decode steps together.
        package internal(set) var tokens = 0
        package internal(set) var sequences = 0

        /// Mean over the micro-batches; 0 without any.
        package var meanSequences: Double { microBatches > 0 ? Double(sequences) / Double(microBatches) : 0 }
    }

    /// Seconds from the beginning of the run to the end of its last request.
    package let wallSeconds: Double
    /// Seconds from the beginning of the first span to the end of the last span, over all stages; 0 without spans. The
    /// makespan does not include loading the model, nor the time that requests wait before the first stage begins.
    package let makespanSeconds: Double
    /// One element per stage, in order.
    package let stages: [Stage]
    /// How often a micro-batch has another phase than the micro-batch numbered before it. `mixed` is a phase of its
    /// own.
    package let phaseSwitches: Int
    /// How much the micro-batches with decode steps differed.
    package let imbalance: DecodeImbalance
    /// Prefill tokens of all steps.
    package let prefillTokens: Int
    /// Decode tokens of all steps.
    package let decodeTokens: Int
    package let prefill: PhaseTotals
    package let decode: PhaseTotals
    package let mixed: PhaseTotals
    /// All phases together.
    package let total: PhaseTotals
    /// The most KV blocks in use after a retirement.
    package let peakBlocks: Int
    /// The most live requests after a retirement.
    package let peakLiveRequests: Int

    /// Reads the whole recording once. Spans of stages that the run does not have, and spans that end before they
    /// begin, are left out.
    package init(recording: RunRecording) {
        let index = SpanIndex(recording)
        wallSeconds = recording.end.seconds
        makespanSeconds = index.makespan.map { $0.end.seconds(since: $0.begin) } ?? 0
        stages = index.stages.indices.map { Self.stage($0, of: index) }
        imbalance = DecodeImbalance(index)

        let phases = index.steps.map(\.phase)
        phaseSwitches = zip(phases, phases.dropFirst()).count { $0 != $1 }
        prefillTokens = index.steps.reduce(0) { $0 + $1.prefillTokens }
        decodeTokens = index.steps.reduce(0) { $0 + $1.decodeTokens }
        prefill = Self.totals(of: index.steps.lazy.filter { $0.phase == .prefill })
        decode = Self.totals(of: index.steps.lazy.filter { $0.phase == .decode })
        mixed = Self.totals(of: index.steps.lazy.filter { $0.phase == .mixed })
        total = Self.totals(of: index.steps)
        peakBlocks = index.steps.map(\.blocksInUse).max() ?? 0
        peakLiveRequests = index.steps.map(\.liveRequests).max() ?? 0
    }

    private static func stage(_ stage: Int, of index: SpanIndex) -> Stage {
        var idle = IdleByCause()
        for gap in index.gaps(ofStage: stage) { idle[gap.cause] += gap.seconds }
        func seconds(_ works: [StageWork]) -> Double {
            index.stages[stage].reduce(0) {
                works.contains($1.span.work) ? $0 + $1.span.end.seconds(since: $1.span.begin) : $0
            }
        }
        return Stage(
            stage: StageID(stage), microBatches: index.stages[stage].count { $0.span.work == .layers },
            busySeconds: seconds(StageWork.allCases), headSeconds: seconds([.head]), idle: idle)
    }

    private static func totals(of steps: some Sequence<StepRecord>) -> PhaseTotals {
        steps.reduce(into: PhaseTotals()) {
            $0.microBatches += 1
            $0.tokens += $1.prefillTokens + $1.decodeTokens
            $0.sequences += $1.sequences
        }
    }

    /// Each stage's busy seconds, in order.
    package var stageBusySeconds: [Double] { stages.map(\.busySeconds) }

    /// Seconds of one cause over all stages.
    package func idleSeconds(_ cause: IdleCause) -> Double { stages.reduce(0) { $0 + $1.idle[cause] } }

    /// The stages' time, number of stages x makespan, in seconds.
    private var stageSeconds: Double { Double(stages.count) * makespanSeconds }

    /// The share of the stages' time in which they compute; 0 without spans. With the idle shares it sums to 1.
    package var busyShare: Double { stageSeconds > 0 ? stageBusySeconds.reduce(0, +) / stageSeconds : 0 }

    /// The share of the stages' time in which they compute nothing: 1 - sum(busy) / (stages * makespan); 0 without
    /// spans.
    package var bubbleRatio: Double { stageSeconds > 0 ? 1 - busyShare : 0 }

    /// The share of the stages' time that each cause took; all 0 without spans.
    package var idleShares: IdleByCause {
        var seconds = IdleByCause()
        for cause in IdleCause.allCases { seconds[cause] = idleSeconds(cause) }
        return seconds.scaled(by: stageSeconds > 0 ? 1 / stageSeconds : 0)
    }

    /// The least wall time with the same work shared out evenly over the stages: sum(busy) / stages; 0 without stages.
    package var boundSeconds: Double {
        stages.isEmpty ? 0 : stageBusySeconds.reduce(0, +) / Double(stages.count)
    }

    /// Wall time over `boundSeconds`; nil without spans.
    package var wallOverBound: Double? { boundSeconds > 0 ? wallSeconds / boundSeconds : nil }

    /// The idle gaps of every stage, by stage and then by time.
    package static func idleGaps(in recording: RunRecording) -> [IdleGap] {
        let index = SpanIndex(recording)
        return index.stages.indices.flatMap(index.gaps(ofStage:))
    }
}
