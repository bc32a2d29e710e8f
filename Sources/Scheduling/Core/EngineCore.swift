import DequeModule

/// The scheduler: a value that turns events into actions. No input or output, no clock, no threads.
///
/// One owner drives the core: it tells what happened with `handle` and carries out the actions in order. The core keeps
/// one pool of blocks for all micro-batches, so any sequence may join any micro-batch.
public struct EngineCore: Sendable {
    public let configuration: EngineConfiguration
    var policy: any SchedulingPolicy

    /// By slot: the account of a live request. A freed slot is used again.
    var sequences: [Sequence] = []
    /// By slot: what a learned predictor expects of the request's answer.
    var forecasts: [LengthForecast?] = []
    /// By slot: the request's tokens and block table.
    var contents: [SequenceContent] = []
    var freeSlots: [Int] = []
    /// The slot of each live request. For look-up only; never iterated.
    var slotOf: [RequestID: Int] = [:]
    /// Slots of the waiting requests, sorted by arrival.
    var waiting = Deque<Int>()
    /// Slots of the requests that hold blocks, sorted by arrival.
    var active: [Int] = []
    /// The number of ended requests that are held until their micro-batches retire.
    var leaving = 0
    var kvBlocks: KVBlocks
    /// Micro-batches in flight, in the order of dispatch, which is the order of retirement.
    var inFlight = Deque<InFlightBatch>()
    var prefillsInFlight = 0
    /// Sorted. While a stage is lost, nothing is in flight and no request holds blocks.
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
    /// Events about requests that have finished already are ignored, since such an event may cross the finish on the
    /// way. Retirements of micro-batches that have retired or are void are ignored too; `counters` counts them. The
    /// retirement of a micro-batch other than the oldest in flight is a failed precondition.
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
    /// Tokens whose keys and values were given up by preemption or lost with a stage, and so are computed again.
    public var recomputedTokens = 0
    public var blocksPeak = 0
    public var microBatches = 0
    /// Losses of a stage.
    public var stageLosses = 0
    /// Micro-batches that were in flight when a stage was lost.
    public var voidMicroBatches = 0
    /// Sequences that held blocks when a stage was lost, and began again.
    public var interruptions = 0
    /// Ignored retirements: of void micro-batches, or of micro-batches that had retired already.
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
    let trials: [PolicyTrial]
}
