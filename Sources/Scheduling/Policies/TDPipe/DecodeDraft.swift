/// A decode micro-batch in the making: what is taken of the sequences that are ready, within the blocks that are free.
struct DecodeDraft {
    struct Item {
        let entry: DecodeLine.Entry
        let sequence: SequenceView
        /// Tokens that it is to get; 0 if there was no room in the micro-batch.
        let tokens: Int
    }
    /// In the order of the line.
    private(set) var taken: [Item] = []
    /// Find no blocks, or no room.
    private(set) var held: [Item] = []
    private let view: SchedulerView
    private var freeBlocks: Int
    /// Tokens that a stage drew at once, which the core counts as those of prompts.
    private var prefillTokens = 0

    init(_ view: SchedulerView, quota: Int) {
        self.view = view
        freeBlocks = view.freeBlocks
        taken.reserveCapacity(quota)
    }

    /// Takes a sequence if its blocks are there, or else holds it back.
    mutating func consider(_ next: DecodeLine.Ready) {
        let tokens = roomFor(next.sequence)
        let item = Item(entry: next.entry, sequence: next.sequence, tokens: tokens)
        let end = next.sequence.issuedTokens + tokens
        let needed = max(0, view.configuration.blocks(forTokens: end) - next.sequence.blocksHeld)
        guard tokens > 0, needed <= freeBlocks else {
            held.append(item)
            return
        }
        freeBlocks -= needed
        if !next.sequence.isDecoding { prefillTokens += tokens }
        taken.append(item)
    }

    /// One token, but all that are known where a stage drew several, within what a micro-batch may hold of prompts.
    private func roomFor(_ sequence: SequenceView) -> Int {
        if sequence.isDecoding { return 1 }
        guard view.prefillsInFlight < view.configuration.prefillWindow else { return 0 }
        return min(sequence.remaining, view.configuration.prefillChunk - prefillTokens)
    }

    /// Tokens that the sequences attend to.
    var context: Int { taken.reduce(0) { $0 + $1.sequence.knownTokens } }

    /// Takes `count` sequences out again, such that the others attend to `meanContext` tokens each as nearly as may be.
    /// One that is behind in steps is not taken out: so whoever is passed over is at most one step behind, and goes
    /// before those that passed it. Returns those taken out, in the order of the line.
    mutating func holdBack(_ count: Int, meanContext: Double) -> [DecodeLine.Entry] {
        let foremost = taken.reduce(0) { max($0, $1.entry.steps) }
        var excess = Double(context) - meanContext * Double(taken.count - count)
        var chosen: [Int] = []
        for left in (0..<count).reversed() {
            let wish = excess / Double(left + 1)
            var best: (index: Int, distance: Double)?
            for (index, item) in taken.enumerated() where item.entry.steps == foremost && !chosen.contains(index) {
                let distance = abs(Double(item.sequence.knownTokens) - wish)
                if distance < best?.distance ?? .infinity { best = (index, distance) }
            }
            let index = best?.index ?? taken.indices.last { !chosen.contains($0) }!
            excess -= Double(taken[index].sequence.knownTokens)
            chosen.append(index)
        }
        chosen.sort()
        let entries = chosen.map { taken[$0].entry }
        for index in chosen.reversed() { taken.remove(at: index) }
        return entries
    }

    /// Makes those that were held back for want of blocks go on, at the cost of the latest arrivals, until half of the
    /// quota is taken. Returns the slots of the preempted; they are neither taken nor held any more.
    mutating func preempt(quota: Int) -> [Int] {
        var builder = MicroBatchBuilder(view)
        for item in taken { _ = builder.add(item.sequence, tokens: item.tokens) }
        var rest: [Item] = []
        for item in held {
            if builder.isPreempted(item.sequence) { continue }
            let isShort = taken.isEmpty || 2 * taken.count < quota
            // Others may have taken room since it was held back.
            let tokens = isShort ? roomFor(item.sequence) : 0
            if tokens > 0, builder.addPreempting(item.sequence, tokens: tokens) {
                if !item.sequence.isDecoding { prefillTokens += tokens }
                taken.append(Item(entry: item.entry, sequence: item.sequence, tokens: tokens))
            } else {
                rest.append(item)
            }
        }
        held = rest.filter { !builder.isPreempted($0.sequence) }
        return builder.plan.preempted
    }
}
