import Scheduling

/// The faults.
extension FaultSimulation {
    /// Draws the faults of this moment, and the time of the next draw.
    mutating func drawFault() {
        guard areFaultsOn else { return }
        draws += 1
        if random.chance(world.faults.loss) { lose(random.integer(in: 0...stages.count - 1)) }
        if random.chance(world.faults.slowness) {
            let stage = random.integer(in: 0...stages.count - 1)
            let slowness = random.element([1, 1, 2, 20])
            stages[stage].slowness = slowness
            log.add("slow", at: now, [("stage", stage), ("times", slowness)])
        }
        if random.chance(world.faults.cancellation) {
            // An id beyond the last request is unknown to the core.
            let id = RequestID(random.integer(in: 0...world.requests.count))
            totals.cancellations += 1
            events.add(.cancellation(id), at: after(drawn(upTo: world.faults.interval)))
        }
        events.add(.fault, at: after(1 + drawn(upTo: 2 * world.faults.interval)))
    }

    private mutating func lose(_ stage: Int) {
        guard stages[stage].isUp else { return }
        stages[stage].lose(noise: random.next())
        log.add("lose", at: now, [("stage", stage)])
        // Not a message, which could be repeated: the controller notices a loss by the silence of the stage.
        events.add(
            .lost(stage: stage, incarnation: stages[stage].incarnation),
            at: after(drawn(upTo: world.faults.longestNotice)))
        events.add(.comesBack(stage: stage), at: after(drawn(upTo: world.faults.longestOutage)))
    }

    mutating func comeBack(_ stage: Int) {
        stages[stage].comeBack()
        log.add("return", at: now, [("stage", stage)])
        send(.returned(stage: stage, incarnation: stages[stage].incarnation), taking: world.retireDelay)
    }
}
