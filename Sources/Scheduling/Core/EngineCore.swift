import DequeModule

/// The scheduler: a value that turns events into actions. No input or output, no clock, no threads.
///
/// One owner drives it: tell it what happened with `handle`, carry out the actions in order. It keeps one pool of
/// blocks for all micro-batches, so any sequence may join any micro-batch.
public struct EngineCore: Sendable {
    public let configuration: EngineConfiguration
    var policy: any SchedulingPolicy

    /// By slot, the account of a live request, what a learned predictor expects of its answer, and what it holds; a freed
    /// slot is used again.
    var sequences: [Sequence] = []
    var forecasts: [LengthForecast?] = []
    var contents: [SequenceContent] = []
    var freeSlots: [Int] = []
    /// For look-up only; never iterated.
    var slotOf: [RequestID: Int] = [:]
    /// Sorted by arrival.
    var waiting = Deque<Int>()
    /// Sorted by arrival.
    var active: [Int] = []
    var leaving = 0
    var kvBlocks: KVBlocks
    /// In the order of dispatch, which is the order of retirement.
    var inFlight = Deque<InFlightBatch>()
    var prefillsInFlight = 0
    /// Sorted. While there is one, nothing is in flight and nobody holds blocks.
    public internal(set) var lostStages: [StageID] = []
    var nextArrival = 0
    var nextMicroBatch = 0
    public internal(set) var counters = EngineCounters()

    public init(configuration: EngineConfiguration, policy: any SchedulingPolicy) {
        self.configuration = configuration
        self.policy = policy
        kvBlocks = KVBlocks(total: configuration.blockCount, tokensPerBlock: configuration.tokensPerBlock)
    }

    /// Takes one event; appends what is to be done, in order.
    ///
    /// Events about requests that are not live (already finished) are ignored, since they may cross the finish on the
    /// way. So are retirements of micro-batches that have retired or are void; `counters` counts them. A retirement of
    /// one that came after the oldest in flight is a failed precondition.
    public mutating func handle(_ event: EngineEvent, at now: Instant, into actions: inout [EngineAction]) {
        switch event {
        case .arrived(let spec): admit(spec, into: &actions)
        case .cancelled(let id): end(id, .cancelled, into: &actions)
        case .stopped(let id): end(id, .stopped, into: &actions)
        case .retired(let id, let tokens, let computedThrough, let seconds):
            retire(id, tokens, computedThrough, seconds, at: now, into: &actions)
        case .stageLost(let stage): lose(stage)
        case .stageRestored(let stage): restore(stage)
        case .schedule: schedule(at: now, into: &actions)
        }
    }

    /// Requests that have not ended.
    public var liveRequests: Int { waiting.count + active.count }
    public var waitingRequests: Int { waiting.count }
    public var microBatchesInFlight: Int { inFlight.count }
    public var blocksInUse: Int { kvBlocks.usedCount }
    public var policyName: String { policy.name }
}

/// Sums over a run.
public struct EngineCounters: Sendable, Hashable {
    public var preemptions = 0
    /// Tokens whose keys and values were given up by preemption or lost with a stage, and so are computed twice.
    public var recomputedTokens = 0
    public var blocksPeak = 0
    public var microBatches = 0
    /// Stages that were lost.
    public var stageLosses = 0
    /// Micro-batches that were in flight then.
    public var voidMicroBatches = 0
    /// Sequences that held blocks then, and began again.
    public var interruptions = 0
    /// Retirements that were ignored: of void micro-batches, or told twice.
    public var strayRetirements = 0
}

/// What the core remembers of a dispatched micro-batch.
struct InFlightBatch: Sendable {
    struct Part: Sendable {
        let slot: Int
        let end: Int
        let samples: Bool
    }
    let id: MicroBatchID
    let phase: Phase
    let parts: [Part]
    let prefillTokens: Int
    let decodeTokens: Int
    let load: StepLoad
    let dispatched: Instant
    let predictedPeakBlocks: Int?
    let decision: PhaseDecision?
}
