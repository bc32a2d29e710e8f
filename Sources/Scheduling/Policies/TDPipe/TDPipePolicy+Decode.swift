extension TDPipePolicy {
    /// Ready sequences beyond the quota up to which the policy chooses whom to hold back.
    private static let choice = 4

    /// The next decode micro-batch: nil if the window is full, or nothing is ready.
    ///
    /// After a prefill phase that ended for the reason `beginning`, the k-th one follows when all but P - k units have
    /// retired: earlier, it would miss the sequences that are still in the pipe; later, the first stage would run dry.
    mutating func nextDecode(_ view: SchedulerView, beginning: PhaseDecision.Reason?) -> StepPlan? {
        let stages = view.configuration.stages
        let step = beginning == nil ? steps : 0
        guard decodesInFlight < stages, prefillsInFlight <= max(0, stages - step) else { return nil }
        let total = members(view)
        guard total > 0 else { return nil }
        if round == nil || round?.total != total || step % stages == 0 {
            round = DecodeRound(
                total: total, stages: stages, context: meanContext(view), costs: costs, previous: round)
        }
        let round = round!
        if step == 0 { deal(round, view) }
        let quota = round.size(step)
        var draft = DecodeDraft(view, quota: quota)
        var label: Int?
        if options.stealing {
            take(quota, view, into: &draft)
        } else {
            label = takeGroup(view, into: &draft)
            if draft.taken.isEmpty, view.inFlight == 0 {
                // All members want blocks, and they may be too late to take them from anyone.
                line.putBack(draft.held.map(\.entry))
                draft = DecodeDraft(view, quota: quota)
                label = nil
                take(quota, view, into: &draft)
            }
        }
        var plan = StepPlan()
        if !draft.held.isEmpty,
            2 * draft.taken.count < (options.stealing ? quota : draft.taken.count + draft.held.count)
        {
            plan.preempted = draft.preempt(quota: quota)
            for slot in plan.preempted { forget(slot: slot) }
        }
        line.putBack(draft.held.map(\.entry))
        guard !draft.taken.isEmpty else { return nil }
        if let beginning { plan.decision = beginDecode(beginning, view) }
        issue(draft, label: label, stages: stages, in: &plan)
        return plan
    }

    private mutating func issue(_ draft: DecodeDraft, label: Int?, stages: Int, in plan: inout StepPlan) {
        plan.items.reserveCapacity(draft.taken.count)
        for item in draft.taken {
            plan.items.append(.init(slot: item.sequence.slot, tokens: item.tokens))
            line.append(
                .init(
                    slot: item.entry.slot, arrival: item.entry.arrival, steps: item.entry.steps + 1,
                    label: label ?? item.entry.label))
        }
        plan.predictedPeakBlocks = forecast?.peak
        steps += 1
        flights.append(.decode(label: label))
        if recent.count == stages { recent.removeFirst() }
        recent.append(.decode(sequences: draft.taken.count, context: draft.context))
    }

    /// Goes over to a decode phase. Returns the decision for the record.
    private mutating func beginDecode(_ reason: PhaseDecision.Reason, _ view: SchedulerView) -> PhaseDecision {
        let total = members(view)
        phase = .decode
        steps = 0
        recent = []
        sequencesAtStart = total
        look = LookAhead(sequences: total, waiting: view.waiting.count)
        look.measure(costs, view)
        cycle = RenewalCycle(stages: view.configuration.stages)
        return PhaseDecision(to: .decode, reason: reason, waiting: view.waiting.count, decoding: total)
    }

    /// Takes the sequences that have waited longest, up to the quota. With a few more at hand, it holds those back
    /// whose contexts bring the micro-batch to the average.
    private mutating func take(_ quota: Int, _ view: SchedulerView, into draft: inout DecodeDraft) {
        while draft.taken.count < quota {
            let ready = line.takeReady(quota - draft.taken.count, view)
            guard !ready.isEmpty else { return }
            for next in ready { draft.consider(next) }
        }
        guard draft.held.isEmpty, !recent.isEmpty else { return }
        let spare = line.takeReady(Self.choice + 1, view)
        // With many to spare, the next micro-batches choose.
        guard !spare.isEmpty, spare.count <= Self.choice else { return line.putBack(spare.map(\.entry)) }
        for next in spare { draft.consider(next) }
        guard draft.taken.count > quota else { return }
        line.putBack(
            draft.holdBack(
                draft.taken.count - quota, meanContext: Double(recentLoad.context) / Double(recentLoad.sequences)))
    }

    private var recentLoad: StepLoad { recent.reduce(StepLoad(tokens: 0, context: 0, sequences: 0), +) }

    /// Tokens that a sequence attends to, from the last round; before there is one, from the last look.
    private func meanContext(_ view: SchedulerView) -> Int {
        let load = recentLoad
        return load.sequences > 0 ? load.context / load.sequences : look.context
    }

    /// Without work stealing: takes all ready members of one label, the one that has waited longest of those of which
    /// nothing is in flight. Those without a label join it.
    private mutating func takeGroup(_ view: SchedulerView, into draft: inout DecodeDraft) -> Int? {
        let ready = line.takeReady(.max, view)
        let free = (0..<view.configuration.stages).filter { !flights.contains(.decode(label: $0)) }
        let label = ready.lazy.map { $0.entry.label ?? free.first! }.first { free.contains($0) }
        line.putBack(ready.filter { label == nil || ($0.entry.label ?? label) != label }.map(\.entry))
        guard let label else { return nil }
        for next in ready where (next.entry.label ?? label) == label { draft.consider(next) }
        return label
    }

    /// At the start of a phase: arranges the ready sequences such that the first round's micro-batches have the sizes
    /// that they are to have, and attend to about as many tokens each. Without work stealing it gives new ones a label.
    private mutating func deal(_ round: DecodeRound, _ view: SchedulerView) {
        line.update { $0.steps = 0 }
        guard options.stealing else { return label(view) }
        let ready = line.takeReady(.max, view)
        // Those that are in the pipe still come last.
        var room = (0..<round.stages).map { round.size($0) }
        room.append(max(0, round.total - round.sequences))
        var late = round.total - ready.count
        precondition(late >= 0, "more sequences stand in the line than decode")
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
        line.putBack(groups.flatMap { $0 })
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

    private mutating func label(_ view: SchedulerView) {
        var counts = [Int](repeating: 0, count: view.configuration.stages)
        line.update { entry in
            if let label = entry.label, view.activeSequence(slot: entry.slot)?.arrival == entry.arrival {
                counts[label] += 1
            }
        }
        line.update { entry in
            guard entry.label == nil else { return }
            let label = counts.indices.min { counts[$0] < counts[$1] }!
            counts[label] += 1
            entry.label = label
        }
    }
}
