/// Token throttling, as in gLLM (arXiv 2504.14775): every micro-batch is made to cost the same. A micro-batch holds an
/// equal share of all sequences that decode, and as many prompt tokens as the waiting work and the free memory allow.
///
/// Prompt tokens: the waiting tokens of several prompts are spread over `iterations` micro-batches (WT), and fewer are
/// taken the fuller the KV pool is (UT). A prompt that waits alone is not spread, as in later versions of gLLM: it has
/// nothing to balance, and its first token would come later. Decode steps: one in P of all sequences that decode, in
/// flight or not; the sequences that have waited longest come first. At most P micro-batches are in flight. On one stage there is nothing to balance: the
/// policy then only keeps the reserve.
public struct ThrottlePolicy: SchedulingPolicy {
    public let name = "throttle"
    /// Micro-batches over which the waiting prompt tokens are spread (#T), at least 1.
    public let iterations: Int
    /// The least number of prompt tokens after the spreading (#MinP), at least 1; short memory may allow fewer.
    public let minimum: Int
    /// Share of the pool that prompts leave free (KV_thresh), at least 0 and below 1.
    public let reserve: Double
    /// Whether the waiting tokens bound the prompt tokens (WT).
    public let usesWaiting: Bool
    /// Whether the use of the pool bounds the prompt tokens (UT).
    public let usesUtilisation: Bool
    /// Whether decode steps are spread over the micro-batches; otherwise each micro-batch takes all ready sequences.
    public let balancesDecodes: Bool
    /// Advances with each plan, so that the remainder of the division by P falls to each micro-batch in turn.
    private var rotation = 0

    public init(
        iterations: Int = 8, minimum: Int = 32, reserve: Double = 0.05, usesWaiting: Bool = true,
        usesUtilisation: Bool = true, balancesDecodes: Bool = true
    ) {
        precondition(iterations > 0 && minimum > 0, "\(iterations) iterations, \(minimum) tokens: at least 1 of each")
        precondition(reserve >= 0 && reserve < 1, "a reserve of \(reserve) of the pool; at least 0 and below 1")
        self.iterations = iterations
        self.minimum = minimum
        self.reserve = reserve
        self.usesWaiting = usesWaiting
        self.usesUtilisation = usesUtilisation
        self.balancesDecodes = balancesDecodes
    }

    public mutating func plan(_ view: SchedulerView) -> StepPlan? {
        guard view.inFlight < view.configuration.stages else { return nil }
        let work = Work(view)
        var builder = MicroBatchBuilder(view, expecting: work.decoding / view.configuration.stages + 1)
        addDecodes(work, view, to: &builder)
        if builder.plan.preempted.isEmpty { addPrompts(work, view, to: &builder) }
        if builder.isEmpty && view.inFlight == 0 { addEarliest(view, to: &builder) }
        guard let plan = builder.result else { return nil }
        rotation = (rotation + 1) % view.configuration.stages
        return plan
    }

    /// The work of the active sequences, found in one pass over them.
    private struct Work {
        /// Indices in the active list of sequences that can take a decode step.
        var ready: [Int] = []
        /// Sequences that decode, in flight or not (RD).
        var decoding = 0
        /// Indices in the active list of prompts that have begun and are not in flight.
        var begun: [Int] = []
        /// Tokens to come of the prompts in `begun`.
        var begunTokens = 0

        init(_ view: SchedulerView) {
            let active = view.active
            ready.reserveCapacity(active.count)
            for index in active.indices {
                let sequence = active[index]
                if sequence.isInFlight {
                    // Its next token is on the way; an unfinished prompt will not decode when it comes back.
                    if sequence.remaining == 0 { decoding += 1 }
                } else if sequence.isDecoding {
                    decoding += 1
                    ready.append(index)
                } else {
                    begun.append(index)
                    begunTokens += sequence.remaining
                }
            }
        }
    }

    // MARK: decode

    /// How many of `decoding` sequences take a decode step in one micro-batch. Over `stages` micro-batches in a row,
    /// all sequences take a step.
    public static func decodeQuota(decoding: Int, stages: Int, rotation: Int) -> Int {
        decoding < stages ? decoding : (decoding + rotation % stages) / stages
    }

    private func addDecodes(_ work: Work, _ view: SchedulerView, to builder: inout MicroBatchBuilder) {
        let quota = Self.decodeQuota(
            decoding: work.decoding, stages: view.configuration.stages, rotation: rotation)
        let isSpread = balancesDecodes && quota < work.ready.count
        let active = view.active
        for index in isSpread ? Self.longestWaiting(work.ready, quota, active) : work.ready {
            let sequence = active[index]
            if !builder.isPreempted(sequence) { _ = builder.addPreempting(sequence, tokens: 1) }
        }
    }

    /// The `count` sequences at `indices` whose last micro-batch is the longest ago; of one micro-batch, the earliest
    /// arrivals. In the order of arrival, in which blocks are claimed everywhere.
    private static func longestWaiting(_ indices: [Int], _ count: Int, _ active: SequenceList<[Int]>) -> [Int] {
        guard count > 0 else { return [] }
        let last = indices.map { active[$0].lastMicroBatch?.rawValue ?? -1 }
        // A micro-batch mixes sequences of few earlier ones, so that the list consists of long sorted runs already.
        let ranked = last.sorted()
        let newest = ranked[count - 1]
        var room = count - ranked.firstIndex(of: newest)!
        var chosen: [Int] = []
        chosen.reserveCapacity(count)
        for (index, last) in zip(indices, last) where last <= newest {
            if last == newest {
                guard room > 0 else { continue }
                room -= 1
            }
            chosen.append(index)
        }
        return chosen
    }

    // MARK: prefill

    /// Prompt tokens of one micro-batch, 0 ... `prefillChunk`.
    ///
    /// - Parameters:
    ///   - waitingPrompts: prompts that wait, and begun prompts that are not in flight.
    ///   - waitingTokens: tokens to come of these prompts (#WP).
    ///   - freeBlocks: free blocks of `configuration.blockCount`.
    public func prefillBudget(
        waitingPrompts: Int, waitingTokens: Int, freeBlocks: Int, configuration: EngineConfiguration
    ) -> Int {
        let maximum = configuration.prefillChunk
        let kept = Int(reserve * Double(configuration.blockCount))
        let memory = max(0, freeBlocks - kept) * configuration.tokensPerBlock
        guard configuration.stages > 1 else { return min(maximum, memory) }
        var budget = min(maximum, memory)
        if usesUtilisation {
            let free = Double(freeBlocks) / Double(configuration.blockCount)
            let share = max(0, (free - reserve) / (1 - reserve))
            budget = min(budget, Int((share * Double(maximum)).rounded(.toNearestOrEven)))
        }
        // The least number of tokens bounds the spreading only: where memory is short, memory decides.
        if usesWaiting && waitingPrompts > 1 { budget = min(budget, max(waitingTokens / iterations, minimum)) }
        return budget
    }

    private func addPrompts(_ work: Work, _ view: SchedulerView, to builder: inout MicroBatchBuilder) {
        let budget = prefillBudget(
            waitingPrompts: work.begun.count + view.waiting.count,
            waitingTokens: work.begunTokens + waitingTokens(view), freeBlocks: view.freeBlocks,
            configuration: view.configuration)
        let end = builder.tokens + budget
        for index in work.begun {
            let sequence = view.active[index]
            let count = min(sequence.remaining, end - builder.tokens)
            guard count > 0, builder.add(sequence, tokens: count) else { return }
        }
        // Begins a prompt only if all of it fits next to those under way, so that two halves never fill the pool.
        if budget > 0 { admitWaiting(view, budget: end, into: &builder) }
    }

    /// Tokens of waiting prompts, counted only as far as they matter: a micro-batch takes at most the prefill chunk.
    private func waitingTokens(_ view: SchedulerView) -> Int {
        guard usesWaiting && view.configuration.stages > 1 else { return 0 }
        let (enough, overflow) = iterations.multipliedReportingOverflow(by: view.configuration.prefillChunk)
        var sum = 0
        for sequence in view.waiting {
            guard sum < enough || overflow else { break }
            sum += sequence.remaining
        }
        return sum
    }

    /// For when nothing is in flight and the bounds allow nothing: the earliest sequence goes on all the same, and
    /// later sequences are preempted for it. A prompt as long as the pool runs in this way.
    private func addEarliest(_ view: SchedulerView, to builder: inout MicroBatchBuilder) {
        let chunk = view.configuration.prefillChunk
        if let first = view.active.first {
            _ = builder.addPreempting(first, tokens: min(first.remaining, chunk))
        } else if let first = view.waiting.first {
            _ = builder.add(first, tokens: min(first.remaining, chunk))
        }
    }
}
