/// Which waiting requests a prefill phase admits: TD-Pipe's greedy prefill (arXiv 2506.10470, section 3.2). Requests
/// are offered in order and admitted as long as the simulated use of KV blocks stays within the pool.
///
/// A prefill phase fills one unit after the other. To look ahead at the phase that is possible now, an admission fills
/// a single micro-batch without a limit on tokens.
package struct PrefillAdmission: Sendable {
    /// The most requests that are passed over in one micro-batch, with `order=longest`, to fill the pool with others.
    static let backfill = 64

    private let rules: AdmissionRules
    /// Blocks that the forecast may reach.
    private let limit: Int
    private(set) var forecast: BlockForecast
    private var queue: AdmissionQueue
    /// The micro-batch that is being filled: what the view does not show of it yet.
    private var filling = Filling()

    private struct Filling: Sendable {
        /// The active sequence whose prompt is cut.
        var cut: SequenceView?
        /// Waiting requests that were given tokens.
        var admitted: [BlockForecast.Request] = []
    }

    /// - Parameters:
    ///   - limit: blocks that the forecast may reach.
    ///   - cut: the active sequence whose prompt is cut.
    package init(
        _ rules: AdmissionRules, upTo limit: Int, cut: SequenceView?, _ lengths: any LengthPredictor,
        _ view: SchedulerView
    ) {
        self.rules = rules
        self.limit = limit
        forecast = Self.forecast(rules, cut: cut, lengths, view)
        queue = AdmissionQueue(rules.order)
    }

    /// Fills a micro-batch with the rest of the cut prompt, then with waiting requests as they are admitted. The last
    /// request is cut where the tokens end.
    /// - Parameters:
    ///   - tokens: the most tokens of the micro-batch.
    ///   - taken: called for each sequence with the number of its tokens that the micro-batch was given.
    /// - Returns: why nothing more may be admitted; nil if the tokens were used up, or no request waits any more.
    package mutating func fill(
        _ builder: inout MicroBatchBuilder, upTo tokens: Int, cut: SequenceView?, admitsWaiting: Bool = true,
        _ lengths: any LengthPredictor, _ view: SchedulerView, taken: (SequenceView, Int) -> Void
    ) -> PhaseDecision.Reason? {
        filling = Filling(cut: cut)
        if let cut {
            let count = min(cut.remaining, tokens - builder.tokens)
            guard builder.add(cut, tokens: count) else { return .poolFull }
            taken(cut, count)
        }
        guard admitsWaiting else { return nil }
        queue.beginMicroBatch(view) { [rules] in rules.expectedSteps($0, lengths, view) }
        var passed = 0
        while builder.tokens < tokens, let sequence = queue.first(view) {
            let count = min(sequence.remaining, tokens - builder.tokens)
            if let reason = add(sequence, count, to: &builder, lengths, view) {
                passed += 1
                guard reason == .poolForecast, queue.mayPass, passed <= Self.backfill else { return reason }
            } else {
                taken(sequence, count)
            }
            queue.advance()
        }
        return builder.isEmpty && passed > 0 ? .poolForecast : nil
    }

    /// Gives `count` tokens of a waiting request to the micro-batch. Returns nil, or why the request is not admitted.
    private mutating func add(
        _ sequence: SequenceView, _ count: Int, to builder: inout MicroBatchBuilder, _ lengths: any LengthPredictor,
        _ view: SchedulerView
    ) -> PhaseDecision.Reason? {
        guard builder.activeCount < view.configuration.maxSequences else { return .poolFull }
        let steps = rules.stepsLeft(sequence, holding: sequence.knownTokens, lengths, view)
        // A request alone may fill the pool, whatever its forecast.
        if builder.activeCount > 0 {
            guard isForeseen(sequence, steps: steps, builder, lengths, view) else { return .poolForecast }
            let whole = builder.blocksNeeded(sequence, tokens: sequence.remaining)
            guard whole <= builder.freeBlocks else { return .poolFull }
        }
        guard builder.add(sequence, tokens: count) else { return .poolFull }
        forecast.add(tokens: sequence.knownTokens, steps: steps)
        filling.admitted.append(.init(tokens: sequence.knownTokens, steps: steps))
        return nil
    }

    /// Whether the use of blocks stays within the limits with one more sequence.
    private mutating func isForeseen(
        _ sequence: SequenceView, steps: LikelyLengths, _ builder: MicroBatchBuilder, _ lengths: any LengthPredictor,
        _ view: SchedulerView
    ) -> Bool {
        let used = view.configuration.blockCount - builder.freeBlocks
        if isWithin(sequence, steps: steps, used: used, view) { return true }
        // The forecast still counts sequences that have ended since it was made. It is made anew at most once for a
        // micro-batch, since then it counts what is there and what was admitted.
        guard forecast.requests > view.active.count + filling.admitted.count else { return false }
        forecast = Self.forecast(rules, cut: filling.cut, lengths, view)
        forecast.add(filling.admitted)
        return isWithin(sequence, steps: steps, used: used, view)
    }

    /// - Parameter used: blocks in use now.
    private func isWithin(_ sequence: SequenceView, steps: LikelyLengths, used: Int, _ view: SchedulerView) -> Bool {
        if let share = rules.usedShare, Double(used) >= share * Double(view.configuration.blockCount) { return false }
        return forecast.peak(addingTokens: sequence.knownTokens, steps: steps) <= limit
    }

    /// Counts all active sequences; the cut prompt with all of its tokens.
    private static func forecast(
        _ rules: AdmissionRules, cut: SequenceView?, _ lengths: any LengthPredictor, _ view: SchedulerView
    ) -> BlockForecast {
        var forecast = BlockForecast(tokensPerBlock: view.configuration.tokensPerBlock)
        var held = 0
        var requests: [BlockForecast.Request] = []
        requests.reserveCapacity(view.active.count)
        let cutSlot = cut?.slot
        for sequence in view.active {
            let tokens = sequence.slot == cutSlot ? sequence.knownTokens : sequence.issuedTokens
            let steps = rules.stepsLeft(sequence, holding: tokens, lengths, view)
            requests.append(.init(tokens: tokens, steps: steps))
            held += sequence.blocksHeld
        }
        forecast.add(requests)
        forecast.add(leavingBlocks: view.configuration.blockCount - view.freeBlocks - held)
        return forecast
    }
}

/// The rules by which a prefill phase admits requests. The next prefill phase derives its own rules from them.
package struct AdmissionRules: Sendable {
    /// The share of the pool in use at which nothing more is admitted (`greedy=fixed`); nil: the forecast decides.
    let usedShare: Double?
    /// The share of the pool that the forecast may reach.
    private let forecastShare: Double
    fileprivate var order: AdmissionOrder
    /// The least number of decode steps expected of every sequence, learned from preemptions.
    private var caution = 0

    /// - Parameter areLengthsExact: whether the predictor knows the lengths of answers.
    package init(_ options: TDPipeOptions, areLengthsExact: Bool) {
        usedShare = if case .fixed(let share) = options.greedy { share } else { nil }
        forecastShare = options.switching == .released ? ReleasedIntensity.poolShare : 1
        let prefersLong = options.order == .longest || (options.order == .auto && areLengthsExact)
        order = prefersLong ? .longest(LongestFirst()) : .arrival
    }

    /// Blocks that the forecast of a prefill phase may reach.
    func forecastLimit(_ view: SchedulerView) -> Int { Int(forecastShare * Double(view.configuration.blockCount)) }

    /// The rules of the next prefill phase.
    ///
    /// Caution is doubled while too many sequences lose their blocks, and halved when none does: so a predictor that is
    /// always wrong costs a bounded share of the work.
    /// - Parameters:
    ///   - preempted: sequences that lost their blocks in the two phases that end.
    ///   - sequences: sequences that decoded when the decode phase began.
    func afterPhases(preempted: Int, of sequences: Int, _ view: SchedulerView) -> AdmissionRules {
        var next = self
        if preempted * 16 > sequences {
            next.caution = min(max(2 * caution, view.configuration.tokensPerBlock), view.configuration.poolTokens)
        } else if preempted == 0 {
            next.caution /= 2
        }
        next.order.beginPhase(view)
        return next
    }

    /// Decode steps that a sequence may take once `tokens` of its tokens are issued. The last token of an answer is
    /// never issued.
    func stepsLeft(
        _ sequence: SequenceView, holding tokens: Int, _ lengths: any LengthPredictor, _ view: SchedulerView
    ) -> LikelyLengths {
        let likely = lengths.likelyLengths(view.facts(sequence))
        if likely.isKnown {
            return LikelyLengths(known: steps(sequence, holding: tokens, answer: likely[0], view))
        }
        var steps = SIMD8<Int32>()
        for index in steps.indices {
            steps[index] = Int32(self.steps(sequence, holding: tokens, answer: likely[index], view))
        }
        return LikelyLengths(ascending: steps)
    }

    /// Decode steps that a waiting sequence is expected to take once all of its tokens are issued.
    func expectedSteps(_ sequence: SequenceView, _ lengths: any LengthPredictor, _ view: SchedulerView) -> Int {
        let answer = lengths.answerTokens(view.facts(sequence))
        return steps(sequence, holding: sequence.knownTokens, answer: answer, view)
    }

    /// - Parameter answer: tokens of the whole answer.
    private func steps(_ sequence: SequenceView, holding tokens: Int, answer: Int, _ view: SchedulerView) -> Int {
        let most = max(0, view.configuration.poolTokens - tokens)
        let room = view.configuration.poolTokens + 1
        let answer = min(max(sequence.generated + 1, answer), room)
        return min(most, max(caution, sequence.promptTokens + answer - 1 - tokens))
    }
}

/// The order in which a prefill phase is offered the waiting requests.
private enum AdmissionOrder: Sendable {
    case arrival
    case longest(LongestFirst)

    mutating func beginPhase(_ view: SchedulerView) {
        guard case .longest(var order) = self else { return }
        order.beginPhase(view)
        self = .longest(order)
    }
}

/// The order of `order=longest`: requests that are expected to decode for the most steps come first.
///
/// Long answers decide when a run ends. Begun early, they run next to many others; begun last, they run alone, while a
/// pipeline needs as many requests as it has stages. Only the requests of a window at the front of the queue are
/// sorted. No request starves: a request that has been passed over in `patience` prefill phases is due. Due requests
/// come before all sorted ones, in the order of arrival, and no other request is admitted in place of a due one.
private struct LongestFirst: Sendable {
    /// The number of prefill phases in which a request may be passed over.
    static let patience = 4
    /// The size of the window, in requests for each sequence that may be active.
    static let window = 4

    /// A waiting request. A slot is used again by later requests, whose arrival tells them apart.
    struct Candidate: Sendable {
        let slot: Int
        let arrival: Int
        /// Whether the request has been passed over too often for others to be admitted in its place.
        let isDue: Bool
    }

    /// The last arrival that waited at the beginning of each of the latest prefill phases.
    private var horizons: [Int] = []

    mutating func beginPhase(_ view: SchedulerView) {
        if horizons.count == Self.patience { horizons.removeFirst() }
        horizons.append(view.waiting.last?.arrival ?? horizons.last ?? -1)
    }

    /// The waiting requests of the window in order.
    /// - Parameter steps: decode steps that a request is expected to take.
    func candidates(_ view: SchedulerView, steps: (SequenceView) -> Int) -> [Candidate] {
        let due = horizons.count == Self.patience ? horizons[0] : -1
        let most = Self.window * view.configuration.maxSequences
        var ranked: [(steps: Int, candidate: Candidate)] = []
        for sequence in view.waiting.prefix(most) {
            let isDue = sequence.arrival <= due
            let candidate = Candidate(slot: sequence.slot, arrival: sequence.arrival, isDue: isDue)
            ranked.append((isDue ? .max : steps(sequence), candidate))
        }
        ranked.sort { ($0.steps, $1.candidate.arrival) > ($1.steps, $0.candidate.arrival) }
        return ranked.map(\.candidate)
    }
}

/// The waiting requests in the order of a prefill phase, and how far the phase has come.
private struct AdmissionQueue: Sendable {
    private let order: AdmissionOrder
    /// With `longest`: all requests that are offered, in order.
    private var candidates: [LongestFirst.Candidate] = []
    /// The index, in the order, of the request that is offered next.
    private var next = 0

    init(_ order: AdmissionOrder) { self.order = order }

    /// Begins a micro-batch. Requests that earlier micro-batches admitted do not wait any more in the view.
    mutating func beginMicroBatch(_ view: SchedulerView, steps: (SequenceView) -> Int) {
        switch order {
        case .arrival: next = 0
        case .longest(let order):
            // Requests may have come since. Within a micro-batch the list must not be made anew: the requests that the
            // micro-batch holds already still wait in the view.
            guard first(view) == nil else { return }
            candidates = order.candidates(view, steps: steps)
            next = 0
        }
    }

    /// The request that is offered next; nil if there is none.
    mutating func first(_ view: SchedulerView) -> SequenceView? {
        guard case .longest = order else {
            let waiting = view.waiting
            return next < waiting.count ? waiting[next] : nil
        }
        while next < candidates.count {
            let candidate = candidates[next]
            if let sequence = view.waitingSequence(slot: candidate.slot), sequence.arrival == candidate.arrival {
                return sequence
            }
            next += 1
        }
        return nil
    }

    /// Whether other requests may be admitted in place of the one that is offered next.
    var mayPass: Bool {
        switch order {
        case .arrival: false
        case .longest: !candidates[next].isDue
        }
    }

    mutating func advance() { next += 1 }
}
