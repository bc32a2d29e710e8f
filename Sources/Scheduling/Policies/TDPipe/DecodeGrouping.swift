/// Which sequences share a decode micro-batch.
protocol DecodeGrouping: Sendable {
    /// Arranges the line at the start of a phase.
    func deal(_ sizes: DecodeRound, _ pipeline: inout PipelineState, _ view: SchedulerView)
    /// Takes the sequences of the next micro-batch out of the line, into a draft that is empty.
    func fill(_ draft: inout DecodeDraft, from pipeline: inout PipelineState, _ view: SchedulerView)
    /// Whether so many sequences of a draft lack blocks that later arrivals are to be preempted for them.
    func isShort(_ draft: DecodeDraft) -> Bool
}

/// Each micro-batch is made anew of the sequences that have waited longest, as many as the average: what one micro-batch
/// has too many, the next takes (TD-Pipe's inter-batch work stealing, arXiv 2506.10470, section 3.3).
struct WorkStealing: DecodeGrouping {
    /// Ready sequences beyond the quota up to which the policy chooses which of them to hold back.
    private static let choice = 4

    /// Takes the sequences that have waited longest, up to the quota. With a few more at hand, it holds those back
    /// whose contexts bring the micro-batch to the average.
    func fill(_ draft: inout DecodeDraft, from pipeline: inout PipelineState, _ view: SchedulerView) {
        while draft.taken.count < draft.quota {
            let ready = pipeline.line.takeReady(draft.quota - draft.taken.count, view)
            guard !ready.isEmpty else { return }
            for next in ready { draft.consider(next) }
        }
        guard draft.held.isEmpty, let recent = pipeline.lastRound.load else { return }
        let spare = pipeline.line.takeReady(Self.choice + 1, view)
        // With many to spare, the next micro-batches choose.
        guard !spare.isEmpty, spare.count <= Self.choice else { return pipeline.line.putBack(spare.map(\.entry)) }
        for next in spare { draft.consider(next) }
        guard draft.taken.count > draft.quota else { return }
        pipeline.line.putBack(
            draft.holdBack(
                draft.taken.count - draft.quota, meanContext: Double(recent.context) / Double(recent.sequences)))
    }

    func isShort(_ draft: DecodeDraft) -> Bool { 2 * draft.taken.count < draft.quota }

    /// Arranges the ready sequences such that the first round's micro-batches have the sizes that they are to have, and
    /// attend to about as many tokens each: the longest contexts are dealt to the micro-batches in turn, forth and back.
    func deal(_ sizes: DecodeRound, _ pipeline: inout PipelineState, _ view: SchedulerView) {
        let ready = pipeline.line.takeReady(.max, view)
        // Room in each micro-batch of the round; at last, of those that the round leaves out.
        var room = (0..<sizes.stages).map { sizes.size($0) }
        room.append(max(0, sizes.total - sizes.sequences))
        // Sequences that are still in the pipe come last.
        var late = sizes.total - ready.count
        precondition(late >= 0, "the line of decoding sequences holds \(ready.count), of \(sizes.total)")
        for group in room.indices.reversed() {
            let absent = min(late, room[group])
            room[group] -= absent
            late -= absent
        }
        var groups = [[DecodeLine.Entry]](repeating: [], count: room.count)
        var turn = 0
        for index in Self.longestFirst(ready) {
            while true {
                let isBack = turn / room.count % 2 == 1
                let group = isBack ? room.count - 1 - turn % room.count : turn % room.count
                turn += 1
                if groups[group].count < room[group] {
                    groups[group].append(ready[index].entry)
                    break
                }
            }
        }
        pipeline.line.putBack(groups.flatMap { $0 })
    }

    /// Indices of the sequences by falling number of tokens that they attend to, as near as 1 in 1,024 of the range; the
    /// first in line first among equals. By counting, since a phase may begin with thousands.
    private static func longestFirst(_ ready: [DecodeLine.Ready]) -> [Int] {
        let tokens = ready.map(\.sequence.knownTokens)
        guard let most = tokens.max(), let least = tokens.min() else { return [] }
        let range = most - least + 1
        let buckets = min(range, 1024)
        let bucketOf = tokens.map { (most - $0) * buckets / range }
        // Where each bucket begins.
        var place = [Int](repeating: 0, count: buckets + 1)
        for bucket in bucketOf { place[bucket + 1] += 1 }
        for bucket in 0..<buckets { place[bucket + 1] += place[bucket] }
        var order = [Int](repeating: 0, count: ready.count)
        for (index, bucket) in bucketOf.enumerated() {
            order[place[bucket]] = index
            place[bucket] += 1
        }
        return order
    }
}

/// As many groups as there are stages; a sequence stays in its group, whatever becomes of the others (`stealing=off`).
struct FixedGroups: DecodeGrouping {
    /// Gives each sequence without a group to the smallest one.
    func deal(_ sizes: DecodeRound, _ pipeline: inout PipelineState, _ view: SchedulerView) {
        var counts = [Int](repeating: 0, count: view.configuration.stages)
        pipeline.line.update { entry in
            if let group = entry.group, view.activeSequence(slot: entry.slot)?.arrival == entry.arrival {
                counts[group] += 1
            }
        }
        pipeline.line.update { entry in
            guard entry.group == nil, let smallest = counts.indices.min(by: { counts[$0] < counts[$1] }) else { return }
            counts[smallest] += 1
            entry.group = smallest
        }
    }

    /// Takes all ready members of one group: of those groups with nothing in flight, the one that has waited longest.
    /// Ready sequences without a group join it.
    func fill(_ draft: inout DecodeDraft, from pipeline: inout PipelineState, _ view: SchedulerView) {
        let ready = pipeline.line.takeReady(.max, view)
        let free = (0..<view.configuration.stages).filter { !pipeline.flights.contains(.decode(group: $0)) }
        let group = ready.lazy.compactMap { $0.entry.group ?? free.first }.first { free.contains($0) }
        pipeline.line.putBack(ready.filter { group == nil || ($0.entry.group ?? group) != group }.map(\.entry))
        if let group {
            draft.group = group
            for next in ready where (next.entry.group ?? group) == group { draft.consider(next) }
        }
        guard draft.taken.isEmpty, view.inFlight == 0 else { return }
        // All members of the group lack blocks, and may be the latest arrivals, which cannot preempt any other: members
        // of all groups go on together, so that the run does not stop.
        pipeline.line.putBack(draft.held.map(\.entry))
        draft = DecodeDraft(view, quota: draft.quota)
        WorkStealing().fill(&draft, from: &pipeline, view)
    }

    func isShort(_ draft: DecodeDraft) -> Bool { draft.taken.count < draft.held.count }
}

/// A decode micro-batch in the making: what is taken of the sequences that are ready, within the blocks that are free.
struct DecodeDraft {
    struct Item {
        let entry: DecodeLine.Entry
        let sequence: SequenceView
        /// Tokens that it is to get; 0 if there was no room in the micro-batch.
        let tokens: Int
    }
    /// Sequences that the micro-batch is to have.
    let quota: Int
    /// The fixed group whose members it holds; nil with work stealing.
    var group: Int?
    /// In the order of the line.
    private(set) var taken: [Item] = []
    /// Sequences that were considered, but lack free blocks or room in the micro-batch.
    private(set) var held: [Item] = []
    private let view: SchedulerView
    private var freeBlocks: Int
    /// Tokens of sequences of which a stage drew several at once; the core counts them as prompt tokens.
    private var prefillTokens = 0

    init(_ view: SchedulerView, quota: Int) {
        self.view = view
        self.quota = quota
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

    /// One token; where a stage drew several, all that are known, within the prompt tokens that a micro-batch may hold.
    private func roomFor(_ sequence: SequenceView) -> Int {
        if sequence.isDecoding { return 1 }
        guard view.prefillsInFlight < view.configuration.prefillWindow else { return 0 }
        return min(sequence.remaining, view.configuration.prefillChunk - prefillTokens)
    }

    /// Tokens that the sequences attend to.
    var context: Int { taken.reduce(0) { $0 + $1.sequence.knownTokens } }

    /// Takes `count` sequences out again, such that the others attend to `meanContext` tokens each as nearly as may be.
    /// One that is behind in steps is not taken out: so a sequence that is passed over is at most one step behind, and
    /// goes before those that passed it. Returns those taken out, in the order of the line.
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
            let last = taken.indices.last { !chosen.contains($0) }
            guard let index = best?.index ?? last else { break }
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
    mutating func preempt() -> [Int] {
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
