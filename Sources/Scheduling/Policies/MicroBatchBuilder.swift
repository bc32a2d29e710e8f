/// Builds a plan and counts the blocks that it takes, so that the plan always fits the pool.
public struct MicroBatchBuilder {
    private let view: SchedulerView
    public private(set) var freeBlocks: Int
    public private(set) var plan = StepPlan()
    /// Tokens planned so far.
    public private(set) var tokens = 0
    /// Sequences that are active once the plan is applied.
    public private(set) var activeCount: Int
    /// Blocks planned so far for tokens of prompts, and of recomputed answers.
    private(set) var prefillBlocks = 0
    /// Index in the active list from which on all sequences have been preempted or passed over as victims.
    private var victimEnd: Int
    /// What the plan does with each slot.
    private var uses: [Use]

    private enum Use: UInt8 { case none, planned, preempted }

    /// - Parameter expecting: the expected number of sequences in the plan, to reserve space.
    public init(_ view: SchedulerView, expecting: Int = 0) {
        self.view = view
        freeBlocks = view.freeBlocks
        activeCount = view.active.count
        victimEnd = view.active.count
        uses = [Use](repeating: .none, count: view.sequences.count)
        plan.items.reserveCapacity(expecting)
    }

    public var isEmpty: Bool { plan.items.isEmpty }
    /// nil if nothing was planned. A plan never preempts without using what it freed.
    public var result: StepPlan? { isEmpty ? nil : plan }

    /// Blocks that `count` more tokens of a sequence need beyond the blocks that the sequence holds.
    public func blocksNeeded(_ sequence: SequenceView, tokens count: Int) -> Int {
        max(0, view.configuration.blocks(forTokens: sequence.issuedTokens + count) - sequence.blocksHeld)
    }

    public func isPreempted(_ sequence: SequenceView) -> Bool { uses[sequence.slot] == .preempted }

    /// Plans `count` tokens of a sequence if the free blocks suffice.
    public mutating func add(_ sequence: SequenceView, tokens count: Int) -> Bool {
        let needed = blocksNeeded(sequence, tokens: count)
        guard needed == 0 || needed <= freeBlocks else { return false }
        if sequence.blocksHeld == 0 { activeCount += 1 }
        freeBlocks -= needed
        tokens += count
        if !sequence.isDecoding { prefillBlocks += needed }
        uses[sequence.slot] = .planned
        plan.items.append(.init(slot: sequence.slot, tokens: count))
        return true
    }

    /// Plans `count` tokens of an active sequence; if blocks are short, the latest arrivals after this sequence give up
    /// theirs (recompute preemption). Returns false, without a preemption, if even those blocks do not suffice.
    public mutating func addPreempting(_ sequence: SequenceView, tokens count: Int) -> Bool {
        let needed = blocksNeeded(sequence, tokens: count)
        guard needed > freeBlocks else { return add(sequence, tokens: count) }
        var victims: [SequenceView] = []
        var gained = 0
        var end = victimEnd
        while freeBlocks + gained < needed {
            end -= 1
            guard end >= 0 else { return false }
            let candidate = view.active[end]
            guard candidate.arrival > sequence.arrival else { return false }
            guard !candidate.isInFlight, uses[candidate.slot] == .none else { continue }
            victims.append(candidate)
            gained += candidate.blocksHeld
        }
        for victim in victims {
            plan.preempted.append(victim.slot)
            uses[victim.slot] = .preempted
            freeBlocks += victim.blocksHeld
            activeCount -= 1
        }
        victimEnd = end
        return add(sequence, tokens: count)
    }
}
