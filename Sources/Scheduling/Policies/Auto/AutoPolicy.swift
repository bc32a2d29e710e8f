/// The policy that is expected to be fastest for the work at hand: tries the others before it acts.
///
/// At the start, whenever twice as many answers have ended as at the last trial, and when few requests are left, it rolls
/// the work at hand forward under each candidate (`Rollout`), and goes on with the one that does most in a second. A
/// change is free, since all policies share one pool of blocks: nothing is recomputed, and no token changes.
///
/// Rollouts at the start are done at once, while nothing runs; later ones piece by piece beside the run, in a hundredth
/// of the time of its micro-batches. Their extent is counted in parts of micro-batches, not in time, so equal runs choose alike.
public struct AutoPolicy: SchedulingPolicy {
    public let name = "auto"

    /// A policy, and the prompt tokens in a micro-batch that suit it.
    struct Candidate: Sendable {
        /// What it is called in the record of a trial, but for its chunk.
        let name: String
        let chunk: Int
        let make: @Sendable (any StepCost, any LengthPredictor) -> any SchedulingPolicy
    }

    /// In the order of preference where they are as good. Hybrid batching and token throttling have their authors' chunks.
    private let candidates: [Candidate]
    private var costs: any StepCost
    private var lengths: any LengthPredictor

    /// The candidate that plans.
    private var chosen = 0
    private var policy: any SchedulingPolicy
    private var search: Search?
    /// The record of the search, or of the last one.
    private var trial: PolicyTrial?
    /// Trials that no plan has told of.
    private var untold: [PolicyTrial] = []
    private var isFirstPlan = true
    private var ended = 0
    /// Ended answers at which the next trial begins.
    private var nextTrial = firstTrial
    /// Requests that waited at the last plan.
    private var waiting = 0
    /// Whether the queue has fallen below one of the `drains` since the last trial.
    private var isDraining = false
    /// Work that rollouts may do.
    private var budget = 0.0

    /// Ended answers from which on their lengths say something.
    private static let firstTrial = 16
    /// The share of the time of micro-batches that rollouts may take.
    private static let share = 0.01
    /// Seconds that a part of a micro-batch is assumed to take in a rollout.
    private static let secondsPerPart = 3e-7
    /// Work of all rollouts at the start.
    private static let workAtStart = 4_000_000
    /// The most work of one rollout at the start.
    private static let mostWorkAtStart = 500_000
    /// The most work of one rollout later: beside the run it takes time until all of them have ended, in which the run
    /// goes on as it is.
    private static let mostWork = 150_000
    /// How long answers may be, as multiples of what is predicted, while no answer has ended.
    private static let doubtfulLengths = [0.125, 1]
    /// How much better another candidate must be for a change.
    private static let gain = 1.01
    /// The same while the lengths of answers are not known.
    private static let gainAtStart = 1.005
    /// Waiting requests from which on more are assumed to come.
    private static let longQueue = 256
    /// Numbers of waiting requests below which the end of the work shows more of itself.
    private static let drains = [longQueue, 64, 16]

    public init(costs: any StepCost, lengths: any LengthPredictor, tdPipe: TDPipeOptions = .init()) {
        let lengths = CalibratedPredictor.correcting(lengths)
        self.costs = costs
        self.lengths = lengths
        var apart = tdPipe
        apart.piggyback = false
        let phases = [
            Candidate(name: "td-pipe", chunk: .max) { TDPipePolicy(costs: $0, lengths: $1, options: tdPipe) },
            Candidate(name: "td-pipe+piggyback=off", chunk: .max) { [apart] in
                TDPipePolicy(costs: $0, lengths: $1, options: apart)
            },
        ]
        let others = [
            Candidate(name: "hybrid", chunk: 512) { _, _ in HybridPolicy() },
            Candidate(name: "throttle", chunk: 2048) { _, _ in ThrottlePolicy() },
        ]
        // Only td-pipe keeps bounds.
        candidates = tdPipe.tpot == nil && tdPipe.ttft == nil ? phases + others : phases
        policy = candidates[0].make(costs, lengths)
    }

    public mutating func plan(_ view: SchedulerView) -> StepPlan? {
        if isFirstPlan && !view.waiting.isEmpty {
            isFirstPlan = false
            beginSearch(view, .start)
            if search?.advance(work: Self.workAtStart) == true { conclude(view) }
        }
        consider(view)
        guard var plan = policy.plan(view.limited(toPrefillChunk: candidates[chosen].chunk)) else { return nil }
        swap(&plan.trials, &untold)
        return plan
    }

    public mutating func takeOver(_ view: SchedulerView) { policy.takeOver(view) }

    public mutating func observe(_ step: RetiredStep) {
        for (stage, seconds) in step.stageSeconds.enumerated() where seconds > 0 {
            costs.observe(step.load, on: stage, seconds: seconds)
        }
        budget += Self.share * costs.slowest(step.load) / Self.secondsPerPart
        policy.observe(step)
    }

    public mutating func observe(_ loss: StageLoss) {
        search = nil
        policy.observe(loss)
    }

    public mutating func observe(_ answer: FinishedAnswer) {
        ended += 1
        lengths.observe(answer.facts)
        policy.observe(answer)
    }

    // MARK: trials

    private mutating func consider(_ view: SchedulerView) {
        if Self.drains.contains(where: { view.waiting.count < $0 && waiting >= $0 }) { isDraining = true }
        waiting = view.waiting.count
        if search != nil {
            let work = Int(min(budget, 1e9))
            budget -= Double(work)
            if search?.advance(work: work) == true { conclude(view) }
            return
        }
        budget = 0
        guard ended >= nextTrial || isDraining else { return }
        let occasion = ended >= nextTrial ? PolicyTrial.Occasion.answersEnded : .queueDrains
        isDraining = false
        while nextTrial <= ended { nextTrial *= 2 }
        guard !view.waiting.isEmpty || view.active.count > view.configuration.stages else { return }
        beginSearch(view, occasion)
    }

    private mutating func beginSearch(_ view: SchedulerView, _ occasion: PolicyTrial.Occasion) {
        beginRecord(view, occasion)
        lengths.observe(running: view.active.map(view.facts))
        let policies = candidates.map { ($0.make(costs, lengths), view.limited(toPrefillChunk: $0.chunk)) }
        // A queue of this length is the beginning of a longer one, as far as anybody knows.
        let isLong = view.waiting.count >= Self.longQueue
        let factors = ended < Self.firstTrial && !lengths.isExact ? Self.doubtfulLengths : [1]
        var possible = factors.map { Rollout.PossibleLengths(factor: $0) }
        // The end of the work depends on where the longest answers are.
        if !isLong { possible += factors.map { Rollout.PossibleLengths(factor: $0, isMirrored: true) } }
        search = Search(
            policies.flatMap { policy, view in
                possible.map { possible in
                    Rollout(
                        view, policy, lengths, costs, possible,
                        extra: isLong ? 2 * (view.waiting.count + view.active.count) : 0,
                        mostWork: occasion == .start ? Self.mostWorkAtStart : Self.mostWork)
                }
            })
    }

    private mutating func conclude(_ view: SchedulerView) {
        guard let search else { return }
        self.search = nil
        let all = search.rollouts.map { workRate(of: $0, view) }
        let each = all.count / candidates.count
        // The mean of the ratios to the first candidate, so that each of the possible lengths has the same say.
        let rates = candidates.indices.map { candidate in
            (0..<each).reduce(0) { sum, index in
                all[index] > 0 ? sum + all[candidate * each + index] / all[index] : sum
            } / Double(each)
        }
        let inCharge = chosen
        defer { record(rates, inCharge: inCharge, view) }
        let gain = (ended < Self.firstTrial ? Self.gainAtStart : Self.gain) + doubt(view)
        let most = rates.max() ?? 0
        guard most > rates[chosen] * gain, let best = rates.firstIndex(of: most) else { return }
        chosen = best
        policy = candidates[best].make(costs, lengths)
        policy.takeOver(view)
    }

    /// How far off the rate of a rollout may be, as a share of it: the relative error of the step costs at the sizes that
    /// the work at hand has. A smaller advantage may be the noise of the costs.
    private func doubt(_ view: SchedulerView) -> Double {
        let sequences = max(1, view.active.count / view.configuration.stages)
        let context = view.active.reduce(0) { $0 + $1.knownTokens } / max(1, view.active.count)
        let decode = StepLoad.decode(sequences: sequences, context: sequences * max(1, context))
        guard !view.waiting.isEmpty else { return costs.uncertainty(decode) }
        let unit = StepRates.prefillUnit(costs, limit: view.configuration.prefillChunk)
        return max(costs.uncertainty(decode), costs.uncertainty(.prefill(tokens: unit)))
    }

    /// What a rollout gets done in a second: the time that its rows would take a stage at the best rates, so that rows of
    /// prompts and of decode steps can be added up. Candidates may stop with unlike shares of both.
    private func workRate(of rollout: Rollout, _ view: SchedulerView) -> Double {
        guard rollout.state == .ended, rollout.now > 0 else { return 0 }
        let configuration = view.configuration
        let unit = StepRates.prefillUnit(costs, limit: configuration.prefillChunk)
        let prompt = costs.slowest(.prefill(tokens: unit)) / Double(unit)
        let context = rollout.meanContext
        let sequences = min(configuration.maxSequences, max(1, configuration.poolTokens / context))
        let decodeRate = StepRates.peakDecodeRate(
            costs, limit: max(1, sequences / configuration.stages), context: context)
        return (Double(rollout.promptRows) * prompt + Double(rollout.decodeRows) / decodeRate) / rollout.now
    }

    // MARK: the record

    private mutating func beginRecord(_ view: SchedulerView, _ occasion: PolicyTrial.Occasion) {
        trial = PolicyTrial(
            number: (trial?.number ?? 0) + 1, occasion: occasion, waiting: view.waiting.count,
            active: view.active.count, answers: ended, candidates: [], inCharge: chosen, chosen: chosen)
    }

    /// - Parameter rates: of the candidates; 0 for one that stalled.
    private mutating func record(_ rates: [Double], inCharge: Int, _ view: SchedulerView) {
        guard var trial else { return }
        let one = rates[inCharge] > 0 ? rates[inCharge] : rates.max() ?? 0
        trial.candidates = zip(candidates, rates).map { candidate, rate in
            let chunk = min(candidate.chunk, view.configuration.prefillChunk)
            return PolicyTrial.Candidate(
                name: candidate.chunk == .max ? candidate.name : candidate.name + "+chunk=\(chunk)",
                rate: rate > 0 ? rate / one : nil)
        }
        trial.inCharge = inCharge
        trial.chosen = chosen
        self.trial = trial
        untold.append(trial)
    }
}

/// Rollouts of all candidates from one state.
private struct Search: Sendable {
    private(set) var rollouts: [Rollout]
    private var next = 0

    init(_ rollouts: [Rollout]) { self.rollouts = rollouts }

    /// Rolls on by about `work`. Returns whether all rollouts have ended.
    mutating func advance(work: Int) -> Bool {
        var left = work
        while next < rollouts.count, left > 0 {
            let before = rollouts[next].work
            rollouts[next].advance(work: left)
            left -= max(1, rollouts[next].work - before)
            if rollouts[next].state != .running { next += 1 }
        }
        return next == rollouts.count
    }
}
