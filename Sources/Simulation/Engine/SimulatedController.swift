import Scheduling

/// The controller of a simulated run: does on the virtual clock what the runtime's driver does on its thread.
///
/// Retirements and arrivals wake the controller, after all other events of the moment. It tells the core the
/// retirements, then new requests, and lets the core plan.
struct SimulatedController {
    private var loop: EngineLoop
    private var effects: SimulatedEffects
    private var heard: [SimulatedPipeline.Retirement] = []
    private var nextCheck: Int

    init(
        core: EngineCore, pipeline: SimulatedPipeline, arrivals: ArrivalLine, options: SimulationOptions
    ) throws(SimulationError) {
        effects = try SimulatedEffects(core: core, pipeline: pipeline, arrivals: arrivals, options: options)
        loop = EngineLoop(core)
        nextCheck = options.microBatchesPerCheck
    }

    private var now: Instant { effects.now }
    private var options: SimulationOptions { effects.options }

    mutating func run() throws(SimulationError) {
        while true {
            if hasNews && effects.free <= now { try work() }
            guard let next = nextMoment else { break }
            effects.now = next
            try effects.pipeline.advance(to: now)
            heard += effects.pipeline.takeRetirements()
        }
        guard loop.core.liveRequests == 0 && effects.arrivals.isEmpty else { throw stalled }
        try check()
    }

    var result: SimulatedRun {
        effects.result(of: loop.core.counters, phaseSwitches: loop.phaseSwitches, trials: loop.trials)
    }

    /// Whether something waits for the controller.
    private var hasNews: Bool { !heard.isEmpty || effects.arrivals.nextArrival.map { $0 <= now } ?? false }

    /// When something happens next; nil at the end.
    private var nextMoment: Instant? {
        var moments = [effects.pipeline.nextTime, effects.arrivals.nextArrival]
        if hasNews { moments = [effects.pipeline.nextTime, effects.free] }
        return moments.compactMap(\.self).min()
    }

    /// Tells the core retirements and arrivals, and lets it plan.
    private mutating func work() throws(SimulationError) {
        for retirement in heard { try loop.handle(retirement.event, &effects) }
        heard.removeAll(keepingCapacity: true)
        effects.arrivals.notice(at: now)
        try feed()
        if loop.core.microBatchesInFlight == 0 && loop.core.counters.microBatches >= nextCheck { try check() }
        try loop.tell(.schedule, &effects)
        effects.free = now
        try loop.carryOut(&effects)
        if loop.core.microBatchesInFlight == 0 && loop.core.liveRequests > 0 { throw stalled }
    }

    private mutating func feed() throws(SimulationError) {
        while loop.core.waitingRequests < options.lookahead && loop.core.liveRequests < options.clients ?? .max,
            let number = effects.arrivals.next()
        {
            // Checked before the tokens of the prompt are made up, since it may be of any size.
            let most = min(loop.core.configuration.contextLength, loop.core.configuration.poolTokens)
            guard let spec = effects.begin(number, longestPrompt: most) else { continue }
            try loop.handle(.arrived(spec), &effects)
        }
    }

    private mutating func check() throws(SimulationError) {
        nextCheck = loop.core.counters.microBatches + options.microBatchesPerCheck
        do {
            try loop.core.checkIntegrity()
        } catch {
            throw SimulationError(.integrity, error.description, cause: error)
        }
    }

    private var stalled: SimulationError {
        SimulationError(
            .stalled, "policy \(loop.core.policyName) has nothing to do for \(loop.core.liveRequests) live requests")
    }
}
