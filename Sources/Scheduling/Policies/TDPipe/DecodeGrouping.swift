/// Which sequences share a decode micro-batch.
protocol DecodeGrouping: Sendable {
    /// Arranges the line of decoding sequences at the start of a phase.
    func deal(_ sizes: DecodeRound, _ pipeline: inout PipelineState, _ view: SchedulerView)
    /// Takes the sequences of the next micro-batch out of the line, into a draft that is empty.
    func fill(_ draft: inout DecodeDraft, from pipeline: inout PipelineState, _ view: SchedulerView)
    /// Whether too many sequences of a draft lack blocks, so that later arrivals are to be preempted.
    func isShort(_ draft: DecodeDraft) -> Bool
}

/// Each micro-batch is formed anew from the sequences that have waited longest, up to the average size; sequences
/// beyond that size go to the next micro-batch (TD-Pipe's inter-batch work stealing, arXiv 2506.10470, section 3.3).
struct WorkStealing: DecodeGrouping {
    /// The most ready sequences beyond the quota among which the policy chooses the ones to hold back.
    private static let choice = 4

    /// Takes the sequences that have waited longest, up to the quota. If only a few more are ready, it considers all of
    /// them, and holds back those without which the micro-batch is closest to the mean context.
    func fill(_ draft: inout DecodeDraft, from pipeline: inout PipelineState, _ view: SchedulerView) {
        while draft.taken.count < draft.quota {
            let ready = pipeline.line.takeReady(draft.quota - draft.taken.count, view)
            guard !ready.isEmpty else { return }
            for next in ready { draft.consider(next) }
        }
        guard draft.held.isEmpty, let recent = pipeline.lastRound.load else { return }
        let spare = pipeline.line.takeReady(Self.choice + 1, view)
        // With many sequences to spare, the choice is left to the next micro-batches.
        guard !spare.isEmpty, spare.count <= Self.choice else { return pipeline.line.putBack(spare.map(\.entry)) }
        for next in spare { draft.consider(next) }
        guard draft.taken.count > draft.quota else { return }
        pipeline.line.putBack(
            draft.holdBack(
                draft.taken.count - draft.quota, meanContext: Double(recent.context) / Double(recent.sequences)))
    }

    func isShort(_ draft: DecodeDraft) -> Bool { 2 * draft.taken.count < draft.quota }

    /// Arranges the ready sequences such that the micro-batches of the first round have the planned sizes and attend to
    /// about the same number of tokens each: sequences are dealt to the micro-batches in turn, longest context first,
    /// forth and back.
    func deal(_ sizes: DecodeRound, _ pipeline: inout PipelineState, _ view: SchedulerView) {
        let ready = pipeline.line.takeReady(.max, view)
        // Room in each micro-batch of the round; the last entry is for the sequences that the round leaves out.
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

    /// Indices of the sequences by descending context length, to within 1/1,024 of the range; stable among equals. A
    /// counting sort, since a phase may begin with thousands of sequences.
    private static func longestFirst(_ ready: [DecodeLine.Ready]) -> [Int] {
        let tokens = ready.map(\.sequence.knownTokens)
        guard let most = tokens.max(), let least = tokens.min() else { return [] }
        let range = most - least + 1
        let buckets = min(range, 1024)
        let bucketOf = tokens.map { (most - $0) * buckets / range }
        // The index in `order` at which each bucket begins.
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

/// As many groups as there are stages; a sequence stays in its group even if the groups become uneven (`stealing=off`).
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

    /// Takes all ready members of one group: the group that has waited longest among the groups with nothing in flight.
    /// Ready sequences without a group join this group.
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
        // All members of the group lack blocks, and may be the latest arrivals, which cannot preempt other sequences.
        // Members of all groups go on together, so that the run does not stop.
        pipeline.line.putBack(draft.held.map(\.entry))
        draft = DecodeDraft(view, quota: draft.quota)
        WorkStealing().fill(&draft, from: &pipeline, view)
    }

    func isShort(_ draft: DecodeDraft) -> Bool { draft.taken.count < draft.held.count }
}

/// A decode micro-batch in the making: the ready sequences that were taken, within the free blocks.
struct DecodeDraft {
    struct Item {
        let entry: DecodeLine.Entry
        let sequence: SequenceView
        /// Tokens that the sequence is to get; 0 if there was no room in the micro-batch.
        let tokens: Int
    }
    /// The number of sequences that the micro-batch is to have.
    let quota: Int
    /// The fixed group whose members the draft holds; nil with work stealing.
    var group: Int?
    /// In the order of the line.
    private(set) var taken: [Item] = []
    /// Sequences that were considered, but lack free blocks or room in the micro-batch.
    private(set) var held: [Item] = []
    private let view: SchedulerView
    private var freeBlocks: Int
    /// Tokens of sequences for which a stage drew several tokens at once; the core counts such tokens as prompt tokens.
    private(set) var prefillTokens = 0

    init(_ view: SchedulerView, quota: Int) {
        self.view = view
        self.quota = quota
        freeBlocks = view.freeBlocks
        taken.reserveCapacity(quota)
    }

    /// Takes a sequence if its blocks are free, or else holds it back.
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

    /// One token; or, where a stage drew several tokens, all known tokens, within the prefill chunk.
    private func roomFor(_ sequence: SequenceView) -> Int {
        if sequence.isDecoding { return 1 }
        guard view.prefillsInFlight < view.configuration.prefillWindow else { return 0 }
        return min(sequence.remaining, view.configuration.prefillChunk - prefillTokens)
    }

    /// Tokens that the sequences attend to.
    var context: Int { taken.reduce(0) { $0 + $1.sequence.knownTokens } }

    /// Takes `count` sequences out again, such that the others attend to `meanContext` tokens each as nearly as
    /// possible. A sequence that is behind in steps is taken out only if no others are left: so a sequence that is
    /// passed over is at most one step behind, and goes before the sequences that passed it. Returns the sequences
    /// taken out, in the order of the line.
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

    /// Takes sequences that were held back for lack of blocks, and preempts the latest arrivals for them, until half of
    /// the quota is taken. Returns the slots of the preempted sequences, which are neither taken nor held any more.
    mutating func preempt() -> [Int] {
        var builder = MicroBatchBuilder(view)
        for item in taken { _ = builder.add(item.sequence, tokens: item.tokens) }
        var rest: [Item] = []
        for item in held {
            if builder.isPreempted(item.sequence) { continue }
            let isShort = taken.isEmpty || 2 * taken.count < quota
            // Other sequences may have taken room since this one was held back.
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
