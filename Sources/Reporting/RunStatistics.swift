import Scheduling

/// What a recording amounts to: how busy the stages were, and why they were idle.
public struct RunStatistics: Sendable, Hashable {
    /// One stage's use of the makespan. Busy and idle seconds add up to the makespan.
    public struct Stage: Sendable, Hashable {
        public let stage: StageID
        /// Micro-batches that the stage computed.
        public let spans: Int
        /// Seconds within spans.
        public let busySeconds: Double
        /// Seconds outside spans, by cause.
        public let idle: IdleSeconds
    }

    /// Seconds of idleness by cause.
    public struct IdleSeconds: Sendable, Hashable {
        private var seconds = [Double](repeating: 0, count: IdleCause.allCases.count)

        /// No idleness at all.
        public init() {}

        public subscript(cause: IdleCause) -> Double {
            get { seconds[Self.place(of: cause)] }
            set { seconds[Self.place(of: cause)] = newValue }
        }

        public var total: Double { seconds.reduce(0, +) }

        private static func place(of cause: IdleCause) -> Int {
            switch cause {
            case .warmUp: 0
            case .starved: 1
            case .handover: 2
            case .phaseSwitch: 3
            case .drain: 4
            }
        }
    }

    /// The micro-batches of one phase.
    public struct PhaseTotals: Sendable, Hashable {
        public internal(set) var microBatches = 0
        /// Tokens of prompts, of recomputed answers and of decode steps together.
        public internal(set) var tokens = 0
        public internal(set) var sequences = 0

        /// Mean over the micro-batches; 0 without any.
        public var meanTokens: Double { microBatches > 0 ? Double(tokens) / Double(microBatches) : 0 }
        /// Mean over the micro-batches; 0 without any.
        public var meanSequences: Double { microBatches > 0 ? Double(sequences) / Double(microBatches) : 0 }
    }

    /// From the beginning of the first span to the end of the last one, over all stages; 0 without spans. Loading the
    /// model, and the time that requests wait before the first stage begins, are outside it.
    public let makespanSeconds: Double
    /// One element a stage, in order.
    public let stages: [Stage]
    /// The share of the stages' time in which they compute nothing: 1 - sum(busy) / (stages * makespan); 0 without
    /// spans.
    public let bubbleRatio: Double
    /// How often a micro-batch has another phase than the one numbered before it. `mixed` is a phase of its own.
    public let phaseSwitches: Int
    /// Totals over the steps.
    public let prefillTokens: Int
    public let decodeTokens: Int
    public let prefill: PhaseTotals
    public let decode: PhaseTotals
    public let mixed: PhaseTotals
    /// All phases together.
    public let total: PhaseTotals
    /// The largest values seen after a retirement.
    public let peakBlocks: Int
    public let peakLiveRequests: Int

    /// Reads the whole recording once. Spans of stages that the run does not have, and spans that end before they
    /// begin, are left out.
    public init(recording: RunRecording) {
        let index = SpanIndex(recording)
        let makespan = index.makespan.map { $0.end.seconds(since: $0.begin) } ?? 0
        stages = index.stages.indices.map { stage in
            var idle = IdleSeconds()
            for gap in index.gaps(ofStage: stage) { idle[gap.cause] += gap.seconds }
            let busy = index.stages[stage].reduce(0) { $0 + $1.span.end.seconds(since: $1.span.begin) }
            return Stage(
                stage: StageID(stage), spans: index.stages[stage].count, busySeconds: busy, idle: idle)
        }
        makespanSeconds = makespan
        let busy = stages.reduce(0) { $0 + $1.busySeconds }
        bubbleRatio = makespan > 0 ? 1 - busy / (Double(stages.count) * makespan) : 0

        let phases = index.steps.map(\.phase)
        phaseSwitches = zip(phases, phases.dropFirst()).count { $0 != $1 }
        prefillTokens = index.steps.reduce(0) { $0 + $1.prefillTokens }
        decodeTokens = index.steps.reduce(0) { $0 + $1.decodeTokens }
        func totals(of steps: some Sequence<StepRecord>) -> PhaseTotals {
            steps.reduce(into: PhaseTotals()) {
                $0.microBatches += 1
                $0.tokens += $1.prefillTokens + $1.decodeTokens
                $0.sequences += $1.sequences
            }
        }
        prefill = totals(of: index.steps.lazy.filter { $0.phase == .prefill })
        decode = totals(of: index.steps.lazy.filter { $0.phase == .decode })
        mixed = totals(of: index.steps.lazy.filter { $0.phase == .mixed })
        total = totals(of: index.steps)
        peakBlocks = index.steps.map(\.blocksInUse).max() ?? 0
        peakLiveRequests = index.steps.map(\.liveRequests).max() ?? 0
    }

    /// Each stage's busy seconds, in order.
    public var stageBusySeconds: [Double] { stages.map(\.busySeconds) }

    /// Seconds of one cause over all stages.
    public func idleSeconds(_ cause: IdleCause) -> Double { stages.reduce(0) { $0 + $1.idle[cause] } }

    /// The idle stretches of every stage, by stage and then by time.
    public static func idleGaps(in recording: RunRecording) -> [IdleGap] {
        let index = SpanIndex(recording)
        return index.stages.indices.flatMap(index.gaps(ofStage:))
    }
}
