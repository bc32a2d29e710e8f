import DequeModule

/// The bounds `tpot` and `ttft`: how long the phases of td-pipe may keep answers and first tokens waiting.
///
/// Each answer saves time while it decodes faster than the bound: its tokens so far times the bound, less the seconds
/// since the first of them ("saved TPOT", EcoServe, arXiv 2504.18154). The least saved time of all answers pays for
/// prompts: a prefill unit is issued as long as a decode step of every answer can still follow it in time. EcoServe
/// takes the mean, by which one answer may wait at the cost of another.
struct TimeBounds: Sendable {
    /// An answer that decodes. A slot is used again by later requests, whose arrival tells them apart.
    private struct Answer: Sendable {
        let arrival: Int
        /// When the first token was there, or the first one after the blocks were lost.
        let began: Double
        /// Tokens of the answer at that time.
        let generated: Int
    }
    /// When a request was first seen; so were those that came after the one of the mark before.
    private struct Mark: Sendable {
        let arrival: Int
        let seen: Double
    }

    /// What is known of the prompts that could be prefilled now.
    struct Prompts {
        /// Tokens of a prefill unit.
        let unit: Int
        /// The prompt that is cut.
        let cut: SequenceView?
    }

    /// Requests at the front of the queue that are looked at.
    private static let window = 64

    private let secondsPerToken: Double?
    private let secondsToFirstToken: Double?
    private var clock: StageClock
    /// By slot.
    private var answerOfSlot: [Int: Answer] = [:]
    private var marks = Deque<Mark>()
    /// When the next token of the first answer to run out of saved time is due; nil without answers.
    private var deadline: Double?

    /// nil if there is no bound.
    init?(_ options: TDPipeOptions, stages: Int) {
        guard options.tpot != nil || options.ttft != nil else { return nil }
        secondsPerToken = options.tpot
        secondsToFirstToken = options.ttft
        clock = StageClock(stages: stages)
    }

    // MARK: the account

    /// Another policy planned so far.
    mutating func takeOver(_ view: SchedulerView) {
        for _ in 0..<view.inFlight { clock.issue(StepLoad(tokens: 0, context: 0, sequences: 0), beginsAnswer: false) }
    }

    /// Takes note of requests that came and of answers that began; before each plan.
    mutating func look(_ view: SchedulerView) {
        if secondsToFirstToken != nil, let last = view.waiting.last, last.arrival > marks.last?.arrival ?? -1 {
            let oldest = min(view.waiting.first?.arrival ?? .max, view.active.first?.arrival ?? .max)
            while let first = marks.first, first.arrival < oldest { marks.removeFirst() }
            marks.append(Mark(arrival: last.arrival, seen: clock.now))
        }
        guard let limit = secondsPerToken else { return }
        deadline = nil
        for sequence in view.active where sequence.generated > 0 {
            var answer = answerOfSlot[sequence.slot]
            if answer?.arrival != sequence.arrival {
                guard sequence.isDecoding, !sequence.isInFlight else { continue }
                answer = Answer(arrival: sequence.arrival, began: clock.now, generated: sequence.generated)
                answerOfSlot[sequence.slot] = answer
            }
            guard let answer else { continue }
            // A token is on the way: what is issued now comes before the next.
            let next = sequence.generated - answer.generated + (sequence.isInFlight ? 2 : 1)
            deadline = min(deadline ?? .infinity, answer.began + Double(next) * limit)
        }
    }

    mutating func issue(_ plan: StepPlan, _ view: SchedulerView) {
        for slot in plan.preempted { answerOfSlot[slot] = nil }
        var load = StepLoad(tokens: 0, context: 0, sequences: 0)
        var beginsAnswer = false
        for item in plan.items {
            guard let sequence = view.activeSequence(slot: item.slot) ?? view.waitingSequence(slot: item.slot) else {
                continue
            }
            let isLast = item.tokens == sequence.remaining
            load = load + .prefill(tokens: item.tokens, from: sequence.issuedTokens, isLast: isLast)
            if isLast && sequence.generated == 0 { beginsAnswer = true }
        }
        clock.issue(load, beginsAnswer: beginsAnswer)
    }

    mutating func observe(_ step: RetiredStep, _ costs: any StepCost) { clock.retire(step, costs) }

    /// A stage was lost: no answer holds blocks any more.
    mutating func drop() {
        clock.drop()
        answerOfSlot.removeAll()
    }

    // MARK: what the bounds ask for

    /// Whether the saved time pays for up to `units` prefill units, and for the round of decode micro-batches after
    /// them. True without a bound, and while nothing decodes.
    func affords(units: Int, of prompts: Prompts, _ costs: any StepCost, _ view: SchedulerView) -> Bool {
        affords(costs, view, round: decodeLoad(view)) { outlook in
            var left = prompts.cut?.remaining ?? 0
            for sequence in view.waiting {
                guard left < units * prompts.unit else { break }
                left += sequence.remaining
            }
            var start = prompts.cut?.issuedTokens ?? 0
            for _ in 0..<units where left > 0 {
                let tokens = min(left, prompts.unit)
                _ = outlook.pass(.prefill(tokens: tokens, from: start))
                left -= tokens
                start = start > 0 ? start + tokens : 0
            }
        }
    }

    /// Whether the saved time pays for a round of decode micro-batches with `tokens` prompt tokens beside each.
    func affords(besideDecodes tokens: Int, _ costs: any StepCost, _ view: SchedulerView) -> Bool {
        affords(costs, view, round: decodeLoad(view) + .prefill(tokens: max(0, tokens))) { _ in }
    }

    private func affords(
        _ costs: any StepCost, _ view: SchedulerView, round: StepLoad, after units: (inout StageClock.Outlook) -> Void
    ) -> Bool {
        guard let limit = secondsPerToken else { return true }
        var outlook = clock.outlook(costs)
        let due = min(deadline ?? .infinity, outlook.firstAnswer.map { $0 + limit } ?? .infinity)
        guard due < .infinity else { return true }
        units(&outlook)
        var done = 0.0
        for _ in 0..<view.configuration.stages { done = outlook.pass(round) }
        return done <= due
    }

    /// Whether the first token of a request keeps its bound if its prompt begins now, and not if it waits for one more
    /// round of decode micro-batches. Requests that are too late in any case do not count.
    func isFirstTokenDue(of prompts: Prompts, _ costs: any StepCost, _ view: SchedulerView) -> Bool {
        guard let limit = secondsToFirstToken else { return false }
        let unit = StepLoad.prefill(tokens: prompts.unit)
        let slowest = costs.slowest(unit)
        let latency = costs.total(unit) - slowest
        let round = Double(view.configuration.stages) * costs.slowest(decodeLoad(view))
        let start = clock.outlook(costs).start
        var tokens = 0
        func isDue(_ sequence: SequenceView) -> Bool {
            tokens += sequence.remaining
            guard sequence.generated == 0 else { return false }
            let units = max(1, Double(tokens) / Double(prompts.unit))
            let first = start + units * slowest + latency - seen(sequence)
            return first <= limit && first + round > limit
        }
        return prompts.cut.map(isDue) == true || view.waiting.prefix(Self.window).contains(where: isDue)
    }

    private func seen(_ sequence: SequenceView) -> Double {
        let index = marks.sortedIndex { $0.arrival >= sequence.arrival }
        return index < marks.count ? marks[index].seen : clock.now
    }

    /// One of the decode micro-batches of a round with all active sequences.
    private func decodeLoad(_ view: SchedulerView) -> StepLoad {
        let stages = view.configuration.stages
        let tokens = view.active.reduce(0) { $0 + $1.knownTokens }
        return .decode(sequences: max(1, (view.active.count + stages - 1) / stages), context: max(1, tokens / stages))
    }
}
