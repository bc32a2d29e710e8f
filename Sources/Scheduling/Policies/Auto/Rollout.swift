import DequeModule

/// A run rolled forward from what a policy sees, on counts, step costs and likely lengths alone: what a policy would make
/// of the work at hand.
///
/// It is a copy of the core's account without tokens and block tables. Stages work in the order of dispatch, each as long
/// as its cost says; messages take no time. What is in flight when the rollout begins counts as retired. Each answer
/// gets a possible length of the predictor, so that the lengths are spread as they are expected to be, the longest with
/// them: few long answers at the end may take as long as all others. The policy that is tried learns of a length when the answer ends, as in the run.
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
    /// What the rollout has cost so far: the parts of its micro-batches, and a few for each micro-batch.
    package private(set) var work = 0
    /// Work at which the rollout ends in any case.
    private let mostWork: Int
    /// What a micro-batch costs beside its parts.
    private static let workOfMicroBatch = 8
    /// Tokens that the decode steps attended to.
    private var decodeContext = 0
    /// Requests that come as others are admitted, so that as many wait as at the beginning.
    private var toCome = Deque<Int>()
    private let waitingAtBeginning: Int
    /// Whether the rollout ends when the last request has come, since in the run more are to come.
    private let endsWithQueue: Bool
    package private(set) var state = State.running

    /// The mean number of tokens that a decode step attended to, at least 1.
    package var meanContext: Int { max(1, decodeContext / max(1, decodeRows)) }

    /// Which of the possible lengths the answers get.
    package struct PossibleLengths: Sendable, Hashable {
        /// How much longer the rest of each answer is than the predictor says.
        package var factor = 1.0
        /// Whether the lengths are given out from the last request to the first: it matters where in the queue the
        /// longest answer is.
        package var isMirrored = false

        package init(factor: Double = 1, isMirrored: Bool = false) {
            self.factor = factor
            self.isMirrored = isMirrored
        }
    }

    package enum State: Sendable, Hashable {
        case running
        case ended
        /// The policy planned nothing for requests that are left.
        case stalled
    }

    private struct Flight: Sendable {
        let isPrefill: Bool
        let decodes: Int
        /// Tokens that the decode steps attend to.
        let context: Int
        let load: StepLoad
        let end: Double
        let parts: [(slot: Int, samples: Bool)]
    }

    /// - Parameters:
    ///   - extra: requests, like those that wait, that come as others are admitted: for a queue of which only the
    ///     beginning is known. With such requests the rollout ends when the last one has come.
    ///   - possible: which of the possible lengths the answers get.
    ///   - mostWork: work at which it ends in any case.
    package init(
        _ view: SchedulerView, _ policy: any SchedulingPolicy, _ lengths: any LengthPredictor, _ costs: any StepCost,
        _ possible: PossibleLengths = .init(), extra: Int, mostWork: Int
    ) {
        self.mostWork = mostWork
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
        drawAnswers(lengths, possible)
        self.policy.takeOver(self.view)
    }

    private var view: SchedulerView {
        SchedulerView(
            configuration: configuration, sequences: sequences, forecasts: forecasts, waitingSlots: waiting,
            activeSlots: active, freeBlocks: freeBlocks, inFlight: flights.count, prefillsInFlight: prefillsInFlight)
    }

    /// Rolls on until about `work` more work was done.
    package mutating func advance(work: Int) {
        let end = self.work + work
        while state == .running, self.work < end {
            while let plan = policy.plan(view) { dispatch(plan) }
            guard let oldest = flights.popFirst() else {
                state = waiting.isEmpty && active.isEmpty ? .ended : .stalled
                return
            }
            retire(oldest)
            while waiting.count < waitingAtBeginning, let next = toCome.popFirst() { waiting.append(next) }
            if (endsWithQueue && toCome.isEmpty) || self.work >= mostWork { state = .ended }
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

    private mutating func drawAnswers(_ lengths: any LengthPredictor, _ possible: PossibleLengths) {
        let slots = active + waiting + toCome
        // Multiples of the golden ratio, without their whole parts, are spread evenly over any run of requests.
        for (turn, slot) in (possible.isMirrored ? slots.reversed() : slots).enumerated() {
            let share = (0.5 + Double(turn) * 0.6180339887498949).truncatingRemainder(dividingBy: 1)
            let facts = AnswerFacts(sequences[slot], forecast: forecasts[slot])
            let rest = lengths.possibleLength(facts, share: share) - sequences[slot].generated
            let length = sequences[slot].generated + Int((Double(rest) * possible.factor).rounded(.up))
            let most = configuration.poolTokens + 1 - sequences[slot].promptTokens
            answers[slot] = max(sequences[slot].generated + 1, min(length, most))
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
        var context = 0
        for item in plan.items {
            let slot = item.slot
            if sequences[slot].isDecoding {
                decodes += 1
                context += sequences[slot].known
            }
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
        flights.append(
            Flight(isPrefill: isPrefill, decodes: decodes, context: context, load: load, end: end, parts: parts))
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
        decodeContext += flight.context
        promptRows += flight.load.tokens - flight.decodes
        work += flight.parts.count + Self.workOfMicroBatch
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
