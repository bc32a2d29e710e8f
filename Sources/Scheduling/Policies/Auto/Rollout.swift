import DequeModule

/// A run rolled forward from what a policy sees, on counts, step costs and likely lengths alone: what a policy would make
/// of the work at hand.
///
/// It is a copy of the core's account without tokens and block tables. Stages work in the order of dispatch, each as long
/// as its cost says; messages take no time. What is in flight when the rollout begins counts as retired. Each answer
/// gets one of the eight likely lengths of the predictor, in turn, so that the lengths are spread as they are expected to
/// be. The policy that is tried learns of a length when the answer ends, as in the run.
package struct Rollout: Sendable {
    private let configuration: EngineConfiguration
    private let costs: any StepCost
    private var policy: any SchedulingPolicy

    private var sequences: [Sequence]
    private var forecasts: [LengthForecast?]
    /// By slot: tokens of the whole answer.
    private var answers: [Int]
    private var waiting: Deque<Int>
    private var active: [Int]
    private var freeBlocks: Int
    private var flights = Deque<Flight>()
    private var prefillsInFlight = 0
    private var nextMicroBatch: Int
    /// By stage: when it has done all that was dispatched.
    private var stageEnds: [Double]

    /// Seconds since the beginning.
    package private(set) var now = 0.0
    /// Rows of prompts that were computed, without those that are computed again.
    package private(set) var promptRows = 0
    package private(set) var decodeRows = 0
    /// All rows that were computed.
    package private(set) var rows = 0
    /// Rows at which the rollout ends in any case.
    private let mostRows: Int
    /// Requests that come as others are admitted, so that as many wait as at the beginning.
    private var toCome = Deque<Int>()
    private let waitingAtBeginning: Int
    /// Whether the rollout ends when the last request has come, since in the run more are to come.
    private let endsWithQueue: Bool
    package private(set) var state = State.running

    package enum State: Sendable, Hashable {
        case running
        case ended
        /// The policy planned nothing for requests that are left.
        case stalled
    }

    private struct Flight: Sendable {
        let isPrefill: Bool
        let decodes: Int
        let load: StepLoad
        let end: Double
        let parts: [(slot: Int, samples: Bool)]
    }

    /// - Parameters:
    ///   - extra: requests, like those that wait, that come as others are admitted: for a queue of which only the
    ///     beginning is known. With such requests the rollout ends when the last one has come.
    ///   - mostRows: rows at which it ends in any case.
    package init(
        _ view: SchedulerView, _ policy: any SchedulingPolicy, _ lengths: any LengthPredictor, _ costs: any StepCost,
        extra: Int, mostRows: Int
    ) {
        self.mostRows = mostRows
        configuration = view.configuration
        self.costs = costs
        self.policy = policy
        sequences = view.sequences
        forecasts = view.forecasts
        waiting = view.waitingSlots
        active = view.activeSlots
        freeBlocks = view.freeBlocks
        stageEnds = [Double](repeating: 0, count: view.configuration.stages)
        endsWithQueue = extra > 0
        waitingAtBeginning = view.waitingSlots.count
        answers = [Int](repeating: 0, count: view.sequences.count)
        nextMicroBatch = 1 + (view.sequences.lazy.map(\.lastMicroBatch).max() ?? 0)
        retireAll()
        addLikeWaiting(extra)
        drawAnswers(lengths)
        self.policy.takeOver(self.view)
    }

    private var view: SchedulerView {
        SchedulerView(
            configuration: configuration, sequences: sequences, forecasts: forecasts, waitingSlots: waiting,
            activeSlots: active, freeBlocks: freeBlocks, inFlight: flights.count, prefillsInFlight: prefillsInFlight)
    }

    /// Rolls on until about `rows` more rows were computed.
    package mutating func advance(rows: Int) {
        let end = self.rows + rows
        while state == .running, self.rows < end {
            while let plan = policy.plan(view) { dispatch(plan) }
            guard let oldest = flights.popFirst() else {
                state = waiting.isEmpty && active.isEmpty ? .ended : .stalled
                return
            }
            retire(oldest)
            while waiting.count < waitingAtBeginning, let next = toCome.popFirst() { waiting.append(next) }
            if (endsWithQueue && toCome.isEmpty) || self.rows >= mostRows { state = .ended }
        }
    }

    // MARK: the beginning

    private mutating func retireAll() {
        for slot in sequences.indices {
            sequences[slot].inFlight = 0
            guard sequences[slot].place == .leaving else { continue }
            sequences[slot].place = .vacant
            freeBlocks += sequences[slot].blocksHeld
        }
        for slot in active where sequences[slot].remaining == 0 { sequences[slot].known += 1 }
    }

    private mutating func addLikeWaiting(_ count: Int) {
        let models = Array(waiting)
        guard !models.isEmpty else { return }
        var arrival = sequences[models[models.count - 1]].arrival
        for index in 0..<count {
            let model = sequences[models[index % models.count]]
            arrival += 1
            toCome.append(sequences.count)
            sequences.append(
                Sequence(
                    model.id, promptTokens: model.promptTokens, lastToken: 0, maxNewTokens: model.maxNewTokens,
                    arrival: arrival))
            forecasts.append(forecasts[models[index % models.count]])
            answers.append(0)
        }
    }

    private mutating func drawAnswers(_ lengths: any LengthPredictor) {
        // Of requests that follow each other, eight in a row get the eight lengths in a mixed order.
        let order = [3, 6, 0, 5, 7, 2, 4, 1]
        for (turn, slot) in (active + waiting + toCome).enumerated() {
            let likely = lengths.likelyLengths(AnswerFacts(sequences[slot], forecast: forecasts[slot]))
            let most = configuration.poolTokens + 1 - sequences[slot].promptTokens
            answers[slot] = max(sequences[slot].generated + 1, min(likely[order[turn % 8]], most))
        }
    }

    // MARK: steps

    private mutating func dispatch(_ plan: StepPlan) {
        for slot in plan.preempted {
            active.remove(at: index(of: slot, in: active))
            freeBlocks += sequences[slot].blocksHeld
            promptRows -= sequences[slot].issued
            sequences[slot].blocksHeld = 0
            sequences[slot].issued = 0
            sequences[slot].place = .waiting
            waiting.insert(slot, at: index(of: slot, in: waiting))
        }
        var load = StepLoad(tokens: 0, context: 0, sequences: 0)
        var parts: [(slot: Int, samples: Bool)] = []
        parts.reserveCapacity(plan.items.count)
        var decodes = 0
        for item in plan.items {
            let slot = item.slot
            if sequences[slot].isDecoding { decodes += 1 }
            if sequences[slot].place == .waiting {
                waiting.remove(at: index(of: slot, in: waiting))
                active.insert(slot, at: index(of: slot, in: active))
                sequences[slot].place = .active
            }
            let end = sequences[slot].issued + item.tokens
            let blocks = configuration.blocks(forTokens: end)
            freeBlocks -= max(0, blocks - sequences[slot].blocksHeld)
            sequences[slot].blocksHeld = max(blocks, sequences[slot].blocksHeld)
            sequences[slot].issued = end
            sequences[slot].inFlight += 1
            sequences[slot].lastMicroBatch = nextMicroBatch
            let samples = end == sequences[slot].known
            parts.append((slot, samples))
            load = load + .prefill(tokens: item.tokens, from: end - item.tokens, isLast: samples)
        }
        nextMicroBatch += 1
        let isPrefill = decodes == 0
        if isPrefill { prefillsInFlight += 1 }
        var end = now
        for stage in stageEnds.indices {
            end = max(end, stageEnds[stage]) + costs.seconds(load, on: stage)
            stageEnds[stage] = end
        }
        flights.append(Flight(isPrefill: isPrefill, decodes: decodes, load: load, end: end, parts: parts))
    }

    private mutating func retire(_ flight: Flight) {
        now = flight.end
        if flight.isPrefill { prefillsInFlight -= 1 }
        for part in flight.parts {
            let slot = part.slot
            sequences[slot].inFlight -= 1
            guard part.samples else { continue }
            sequences[slot].known += 1
            guard sequences[slot].generated >= answers[slot] else { continue }
            active.remove(at: index(of: slot, in: active))
            freeBlocks += sequences[slot].blocksHeld
            sequences[slot].blocksHeld = 0
            sequences[slot].place = .vacant
            policy.observe(FinishedAnswer(facts: AnswerFacts(sequences[slot], forecast: forecasts[slot])))
        }
        decodeRows += flight.decodes
        promptRows += flight.load.tokens - flight.decodes
        rows += flight.load.tokens
        policy.observe(
            RetiredStep(phase: flight.isPrefill ? .prefill : .decode, load: flight.load, stageSeconds: []))
    }

    /// Where a slot stands, or belongs, among slots that are sorted by arrival.
    private func index<Slots: RandomAccessCollection>(of slot: Int, in slots: Slots) -> Int
    where Slots.Element == Int, Slots.Index == Int {
        let arrival = sequences[slot].arrival
        return slots.sortedIndex { sequences[$0].arrival >= arrival }
    }
}
