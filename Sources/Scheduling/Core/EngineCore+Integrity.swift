/// A broken invariant of the core: a bug in Tideway, never in its input.
public struct IntegrityError: Error, Sendable, CustomStringConvertible {
    public let description: String
}

extension EngineCore {
    /// Checks the whole account: every block is free or has the right reference count, every request is in exactly one
    /// place, and nothing is left behind. Cheap enough for every idle moment (linear in blocks and live requests).
    public func checkIntegrity() throws(IntegrityError) {
        var places = (waiting: 0, active: 0, leaving: 0)
        for slot in sequences.indices {
            let sequence = sequences[slot]
            switch sequence.place {
            case .vacant: continue
            case .waiting: places.waiting += 1
            case .active: places.active += 1
            case .leaving: places.leaving += 1
            }
            try check(sequence, slot: slot)
        }
        try kvBlocks.checkIntegrity(contents.lazy.map(\.table))
        let live = places.waiting + places.active + places.leaving
        try expect(live + freeSlots.count == sequences.count, "a slot is neither live nor free")
        try expect(places.waiting == waiting.count, "the waiting queue and its requests disagree")
        try expect(places.active == active.count, "the active list and its requests disagree")
        try expect(places.leaving == leaving, "the count of leaving requests is wrong")
        try expect(slotOf.count == waiting.count + active.count, "the index of requests is wrong")
        try expect(waiting.allSatisfy { sequences[$0].place == .waiting }, "a stranger stands in the waiting queue")
        try expect(active.allSatisfy { sequences[$0].place == .active }, "a stranger stands in the active list")
        try expect(isSorted(waiting), "the waiting queue is not in the order of arrival")
        try expect(isSorted(active), "the active list is not in the order of arrival")
        if let lost = lostStages.first {
            let isIdle = inFlight.isEmpty && active.isEmpty && kvBlocks.usedCount == 0
            try expect(isIdle, "something is in flight or in the cache while \(lost) is lost")
        }
        let prefills = inFlight.reduce(0) { $0 + ($1.phase == .prefill ? 1 : 0) }
        try expect(prefills == prefillsInFlight, "\(prefillsInFlight) prefills are counted, \(prefills) in flight")
        let parts = inFlight.reduce(0) { $0 + $1.parts.count }
        let claimed = sequences.reduce(0) { $0 + $1.inFlight }
        try expect(parts == claimed, "\(parts) slices are in flight but requests count \(claimed)")
    }

    private func check(_ sequence: Sequence, slot: Int) throws(IntegrityError) {
        let id = sequence.id
        try expect(sequence.place == .leaving || slotOf[id] == slot, "\(id) is not indexed")
        try expect(sequence.computed <= sequence.issued, "\(id) computed more than was issued")
        let content = contents[slot]
        try expect(
            content.tokens.count == sequence.known, "\(id) has \(content.tokens.count) of \(sequence.known) tokens")
        try expect(content.table.blocks.count == sequence.blocksHeld, "\(id) miscounts its blocks")
        try expect(sequence.issued <= sequence.known, "\(id) issued more tokens than are known")
        try expect((sequence.computed == sequence.issued) == (sequence.inFlight == 0), "\(id) miscounts its flights")
        let needed = configuration.blocks(forTokens: sequence.issued)
        try expect(sequence.blocksHeld == needed, "\(id) holds \(sequence.blocksHeld) blocks, needs \(needed)")
        if sequence.place == .waiting { try expect(sequence.issued == 0, "\(id) waits with issued tokens") }
    }

    private func isSorted(_ slots: some Collection<Int>) -> Bool {
        zip(slots, slots.dropFirst()).allSatisfy { sequences[$0].arrival < sequences[$1].arrival }
    }

    private func expect(_ holds: Bool, _ what: @autoclosure () -> String) throws(IntegrityError) {
        if !holds { throw IntegrityError(description: what()) }
    }
}
