/// Collects a plan while keeping the account of blocks, so that what it builds always fits the pool.
public struct MicroBatchBuilder {
    private let view: SchedulerView
    public private(set) var freeBlocks: Int
    public private(set) var plan = StepPlan()
    /// Tokens planned so far.
    public private(set) var tokens = 0
    /// Active sequences after the plan.
    public private(set) var activeCount: Int
    /// Arrival from which on active, idle sequences have been preempted or passed over as victims.
    private var victimEnd: Int
    private var planned: Set<Int> = []

    public init(_ view: SchedulerView) {
        self.view = view
        freeBlocks = view.freeBlocks
        activeCount = view.active.count
        victimEnd = view.active.count
    }

    public var isEmpty: Bool { plan.items.isEmpty }
    /// nil if nothing was planned. A plan never preempts without using what it freed.
    public var result: StepPlan? { isEmpty ? nil : plan }

    /// Blocks that `count` more tokens of a sequence need beyond those that it holds.
    public func blocksNeeded(_ sequence: SequenceView, tokens count: Int) -> Int {
        max(0, view.configuration.blocks(forTokens: sequence.issuedTokens + count) - sequence.blocksHeld)
    }

    public func isPreempted(_ sequence: SequenceView) -> Bool { plan.preempted.contains(sequence.slot) }

    /// Plans `count` tokens of a sequence if the free blocks suffice and leave `reserve` free.
    public mutating func add(_ sequence: SequenceView, tokens count: Int, reserve: Int = 0) -> Bool {
        let needed = blocksNeeded(sequence, tokens: count)
        guard needed == 0 || needed + reserve <= freeBlocks else { return false }
        if sequence.blocksHeld == 0 { activeCount += 1 }
        freeBlocks -= needed
        tokens += count
        planned.insert(sequence.slot)
        plan.items.append(.init(slot: sequence.slot, tokens: count))
        return true
    }

    /// Plans `count` tokens of an active sequence; if blocks are short, the latest arrivals after it give theirs up
    /// (recompute preemption). False if even that is not enough: then nothing is preempted for it.
    public mutating func addPreempting(_ sequence: SequenceView, tokens count: Int) -> Bool {
        let needed = blocksNeeded(sequence, tokens: count)
        var victims: [SequenceView] = []
        var gained = 0
        var end = victimEnd
        while freeBlocks + gained < needed {
            end -= 1
            guard end >= 0 else { return false }
            let candidate = view.active[end]
            guard candidate.arrival > sequence.arrival else { return false }
            guard !candidate.isInFlight, !planned.contains(candidate.slot) else { continue }
            victims.append(candidate)
            gained += candidate.blocksHeld
        }
        for victim in victims {
            plan.preempted.append(victim.slot)
            freeBlocks += victim.blocksHeld
            activeCount -= 1
        }
        victimEnd = end
        return add(sequence, tokens: count)
    }
}
