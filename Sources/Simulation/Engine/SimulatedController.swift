import Scheduling

/// The controller of a simulated run: what the runtime's driver does on its thread, on the virtual clock.
///
/// It is woken by retirements and arrivals, after everything else of their moment has happened. It tells the core the
/// retirements, then new requests, and lets it plan.
struct SimulatedController {
    private var core: EngineCore
    private var pipeline: SimulatedPipeline
    private var arrivals: ArrivalLine
    private let options: SimulationOptions
    private let stepDelay: Int64

    private var now = Instant.zero
    /// When the controller has sent what it had to send.
    private var free = Instant.zero
    private var heard: [SimulatedPipeline.Retirement] = []
    private var actions: [EngineAction] = []
    private var nextCheck: Int

    private var outcomes: [RequestOutcome]
    private var recording: RunRecording
    private var phaseSwitches = 0
    private var lastPhase: Phase?
    private var promptTokens = 0
    private var outputTokens = 0
    private var scheduledTokens = 0

    init(
        core: consuming EngineCore, pipeline: SimulatedPipeline, arrivals: ArrivalLine, options: SimulationOptions
    ) throws(SimulationError) {
        recording = RunRecording(
            model: options.model, policy: core.policyName, stages: core.configuration.stages, threadsPerStage: 1,
            blocksTotal: core.configuration.blockCount, tokensPerBlock: core.configuration.tokensPerBlock)
        self.core = core
        self.pipeline = pipeline
        self.arrivals = arrivals
        self.options = options
        stepDelay = try VirtualTime.nanoseconds(options.controllerSeconds, of: "a step of the controller")
        nextCheck = options.microBatchesPerCheck
        outcomes = arrivals.requests.map { RequestOutcome(arrival: $0.arrival) }
    }

    mutating func run() throws(SimulationError) {
        while true {
            if hasNews && free <= now { try work() }
            guard let next = nextMoment else { break }
            now = next
            try pipeline.advance(to: now)
            heard += pipeline.takeRetirements()
        }
        guard core.liveRequests == 0 && arrivals.isEmpty else { throw stalled }
        try check()
    }

    var result: SimulatedRun {
        var recording = recording
        recording.spans = pipeline.spans
        return SimulatedRun(
            recording: recording, requests: outcomes, counters: core.counters, phaseSwitches: phaseSwitches,
            stages: pipeline.stageUse, linkNanoseconds: pipeline.linkNanoseconds, promptTokens: promptTokens,
            outputTokens: outputTokens, scheduledTokens: scheduledTokens, log: pipeline.log)
    }

    /// Whether something waits for the controller.
    private var hasNews: Bool { !heard.isEmpty || arrivals.nextArrival.map { $0 <= now } ?? false }

    /// When something happens next; nil at the end.
    private var nextMoment: Instant? {
        var moments = [pipeline.nextTime, arrivals.nextArrival]
        if hasNews { moments = [pipeline.nextTime, free] }
        return moments.compactMap(\.self).min()
    }

    /// Hears what there is, and lets the core plan.
    private mutating func work() throws(SimulationError) {
        for retirement in heard {
            core.handle(retirement.event, at: now, into: &actions)
            try perform()
        }
        heard.removeAll(keepingCapacity: true)
        arrivals.notice(at: now)
        try feed()
        if core.microBatchesInFlight == 0 && core.counters.microBatches >= nextCheck { try check() }
        core.handle(.schedule, at: now, into: &actions)
        free = now
        try perform()
        if core.microBatchesInFlight == 0 && core.liveRequests > 0 { throw stalled }
    }

    private mutating func feed() throws(SimulationError) {
        while core.waitingRequests < options.lookahead && core.liveRequests < options.clients ?? .max,
            let number = arrivals.next()
        {
            let request = arrivals.requests[number]
            if options.clients != nil { outcomes[number].arrival = now }
            pipeline.log.add(
                "arrive", at: now,
                [("request", number), ("prompt", request.promptTokens), ("output", request.outputTokens)])
            // Before a prompt of any size is made up.
            let most = min(core.configuration.contextLength, core.configuration.poolTokens)
            guard request.promptTokens <= most else {
                refuse(
                    number,
                    "the prompt has \(request.promptTokens) tokens, more than the \(most) that context and KV pool hold"
                )
                continue
            }
            promptTokens += request.promptTokens
            let prompt = [TokenID](repeating: 0, count: request.promptTokens)
            let spec = RequestSpec(
                id: RequestID(number), prompt: prompt, maxNewTokens: request.outputTokens,
                forecast: request.forecast)
            core.handle(.arrived(spec), at: now, into: &actions)
            try perform()
        }
    }

    /// Carries out what the core wants done.
    private mutating func perform() throws(SimulationError) {
        for action in actions {
            switch action {
            case .dispatch(let batch): try dispatch(batch)
            case .emit(let id, let tokens): take(tokens.count, of: id.rawValue)
            case .finish(let id, _): finish(id.rawValue)
            case .reject(let id, let error):
                promptTokens -= arrivals.requests[id.rawValue].promptTokens
                refuse(id.rawValue, error.message)
            case .report(let step):
                scheduledTokens += step.prefillTokens + step.decodeTokens
                if options.recordsRun { recording.steps.append(step) }
            }
        }
        actions.removeAll(keepingCapacity: true)
    }

    private mutating func dispatch(_ batch: MicroBatch) throws(SimulationError) {
        if let lastPhase, lastPhase != batch.phase { phaseSwitches += 1 }
        lastPhase = batch.phase
        pipeline.log.addDispatch(batch, at: now)
        free = try free.later(stepDelay)
        try pipeline.dispatch(batch, at: free)
    }

    private mutating func take(_ tokens: Int, of number: Int) {
        outputTokens += tokens
        outcomes[number].generated += tokens
        guard outcomes[number].firstToken == nil else { return }
        outcomes[number].firstToken = now
        pipeline.log.add("first", at: now, [("request", number)])
    }

    private mutating func finish(_ number: Int) {
        outcomes[number].end = now
        recording.end = now
        pipeline.log.add("finish", at: now, [("request", number)])
    }

    private mutating func refuse(_ number: Int, _ message: String) {
        outcomes[number].refusal = message
        pipeline.log.add("refuse", at: now, [("request", number)])
    }

    private mutating func check() throws(SimulationError) {
        nextCheck = core.counters.microBatches + options.microBatchesPerCheck
        do {
            try core.checkIntegrity()
        } catch {
            throw SimulationError(.integrity, error.description, cause: error)
        }
    }

    private var stalled: SimulationError {
        SimulationError(
            .stalled, "policy \(core.policyName) has nothing to do for \(core.liveRequests) live requests")
    }
}
