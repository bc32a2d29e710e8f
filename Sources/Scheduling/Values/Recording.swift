/// What a micro-batch is made of.
public enum Phase: String, Sendable, Hashable, CaseIterable {
    /// Prompt tokens only.
    case prefill
    /// One new token for each sequence.
    case decode
    /// Prompt tokens and decode steps, as in hybrid batching.
    case mixed
}

/// The account of one micro-batch, reported by the core when it retires.
public struct StepRecord: Sendable, Hashable {
    public let microBatch: MicroBatchID
    public let phase: Phase
    /// Tokens of prompts, and of recomputed answers.
    public let prefillTokens: Int
    /// Tokens of decode steps.
    public let decodeTokens: Int
    public let sequences: Int
    public let dispatched: Instant
    public let retired: Instant
    /// KV blocks in use after the retirement.
    public let blocksInUse: Int
    /// Requests that had not ended after the retirement.
    public let liveRequests: Int
    /// Requests that waited after the retirement.
    public let waitingRequests: Int
    /// The most KV blocks that the policy expected in use from this micro-batch on; nil if it does not forecast.
    public let predictedPeakBlocks: Int?
    /// The phase switch that this micro-batch began; nil if it went on with its phase.
    public let decision: PhaseDecision?
    /// Trials of policies that were concluded before this micro-batch was planned, since the one before it.
    public let trials: [PolicyTrial]

    public init(
        microBatch: MicroBatchID, phase: Phase, prefillTokens: Int, decodeTokens: Int, sequences: Int,
        dispatched: Instant, retired: Instant, blocksInUse: Int, liveRequests: Int, waitingRequests: Int,
        predictedPeakBlocks: Int? = nil,
        decision: PhaseDecision? = nil, trials: [PolicyTrial] = []
    ) {
        self.microBatch = microBatch
        self.phase = phase
        self.prefillTokens = prefillTokens
        self.decodeTokens = decodeTokens
        self.sequences = sequences
        self.dispatched = dispatched
        self.retired = retired
        self.blocksInUse = blocksInUse
        self.liveRequests = liveRequests
        self.waitingRequests = waitingRequests
        self.predictedPeakBlocks = predictedPeakBlocks
        self.decision = decision
        self.trials = trials
    }
}

/// The part of a stage's work on a micro-batch that a span shows.
public enum StageWork: String, Sendable, Hashable, CaseIterable {
    /// The stage's layers.
    case layers
    /// The stage's share of the output head.
    case head
}

/// The time that one stage spent on one part of a micro-batch.
public struct StageSpan: Sendable, Hashable {
    public let stage: StageID
    public let microBatch: MicroBatchID
    public let work: StageWork
    public let begin: Instant
    public let end: Instant

    public init(
        stage: StageID, microBatch: MicroBatchID, work: StageWork = .layers, begin: Instant, end: Instant
    ) {
        self.stage = stage
        self.microBatch = microBatch
        self.work = work
        self.begin = begin
        self.end = end
    }
}

/// Everything that a timeline, a trace or a table needs to know about a run, real or simulated.
public struct RunRecording: Sendable {
    public var model: String
    public var policy: String
    public var stages: Int
    public var threadsPerStage: Int
    public var blocksTotal: Int
    public var tokensPerBlock: Int
    /// In the order of retirement.
    public var steps: [StepRecord] = []
    /// In no particular order across stages; within a stage, in the order of execution.
    public var spans: [StageSpan] = []
    /// When the last request ended.
    public var end: Instant = .zero

    public init(
        model: String, policy: String, stages: Int, threadsPerStage: Int, blocksTotal: Int, tokensPerBlock: Int
    ) {
        self.model = model
        self.policy = policy
        self.stages = stages
        self.threadsPerStage = threadsPerStage
        self.blocksTotal = blocksTotal
        self.tokensPerBlock = tokensPerBlock
    }
}
