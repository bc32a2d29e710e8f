import Platform
import Scheduling

/// The world around the core of a simulated run: stages on a virtual clock, requests with known lengths, and the
/// records of the run.
struct SimulatedEffects: EngineEffects {
    typealias Failure = SimulationError

    let options: SimulationOptions
    private let stepDelay: Int64
    var pipeline: SimulatedPipeline
    var arrivals: ArrivalLine
    var now = Instant.zero
    /// When the controller has sent all its messages and is free again.
    var free = Instant.zero

    private var outcomes: [RequestOutcome]
    /// When the last token of each request reached the controller; zero before the first.
    private var lastTokens: [Instant]
    private var tokenGaps = DurationHistogram()
    private var recording: RunRecording
    private var promptTokens = 0
    private var outputTokens = 0
    private var scheduledTokens = 0

    /// - Throws: `invalid_setting` for a delay of the controller that the virtual clock cannot have.
    init(
        core: EngineCore, pipeline: SimulatedPipeline, arrivals: ArrivalLine, options: SimulationOptions
    ) throws(SimulationError) {
        self.options = options
        self.pipeline = pipeline
        self.arrivals = arrivals
        stepDelay = try VirtualTime.nanoseconds(options.controllerSeconds, of: "a step of the controller")
        outcomes = arrivals.requests.map { RequestOutcome(arrival: $0.arrival) }
        lastTokens = [Instant](repeating: .zero, count: outcomes.count)
        recording = RunRecording(
            model: options.model, policy: core.policyName, stages: core.configuration.stages, threadsPerStage: 1,
            blocksTotal: core.configuration.blockCount, tokensPerBlock: core.configuration.tokensPerBlock)
    }

    func result(of counters: EngineCounters, phaseSwitches: Int, trials: [RecordedTrial]) -> SimulatedRun {
        var recording = recording
        recording.spans = pipeline.spans
        return SimulatedRun(
            recording: recording, requests: outcomes, counters: counters, phaseSwitches: phaseSwitches,
            trials: trials, stages: pipeline.stageUse, linkNanoseconds: pipeline.linkNanoseconds,
            promptTokens: promptTokens,
            outputTokens: outputTokens, scheduledTokens: scheduledTokens, tokenGaps: tokenGaps, log: pipeline.log)
    }

    /// A request arrives at the engine.
    /// - Returns: the request for the core; nil if it was refused here.
    mutating func begin(_ number: Int, longestPrompt: Int) -> RequestSpec? {
        let request = arrivals.requests[number]
        if options.clients != nil { outcomes[number].arrival = now }
        pipeline.log.add(
            "arrive", at: now,
            [("request", number), ("prompt", request.promptTokens), ("output", request.outputTokens)])
        guard request.promptTokens <= longestPrompt else {
            refuse(
                number,
                "the prompt has \(request.promptTokens) tokens, more than the \(longestPrompt) that context and KV pool "
                    + "hold")
            return nil
        }
        promptTokens += request.promptTokens
        let prompt = [TokenID](repeating: 0, count: request.promptTokens)
        return RequestSpec(
            id: RequestID(number), prompt: prompt, maxNewTokens: request.outputTokens, forecast: request.forecast)
    }

    mutating func dispatch(_ batch: MicroBatch) throws(SimulationError) {
        pipeline.log.addDispatch(batch, at: now)
        free = try free.later(stepDelay)
        try pipeline.dispatch(batch, at: free)
    }

    mutating func emit(_ request: RequestID, _ tokens: [SampledToken]) -> AnswerState {
        let number = request.rawValue
        outputTokens += tokens.count
        outcomes[number].generated += tokens.count
        for _ in tokens {
            if outcomes[number].firstToken == nil {
                outcomes[number].firstToken = now
                pipeline.log.add("first", at: now, [("request", number)])
            } else {
                tokenGaps.add(nanoseconds: now.nanoseconds - lastTokens[number].nanoseconds)
            }
            lastTokens[number] = now
        }
        return .goesOn
    }

    mutating func finish(_ request: RequestID, _ reason: FinishReason) {
        outcomes[request.rawValue].end = now
        recording.end = now
        pipeline.log.add("finish", at: now, [("request", request.rawValue)])
    }

    mutating func reject(_ request: RequestID, _ error: AdmissionError) {
        promptTokens -= arrivals.requests[request.rawValue].promptTokens
        refuse(request.rawValue, error.message)
    }

    mutating func report(_ step: StepRecord) {
        scheduledTokens += step.prefillTokens + step.decodeTokens
        if options.recordsRun { recording.steps.append(step) }
    }

    private mutating func refuse(_ number: Int, _ message: String) {
        outcomes[number].refusal = message
        pipeline.log.add("refuse", at: now, [("request", number)])
    }
}
