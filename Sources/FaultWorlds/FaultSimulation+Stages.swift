import Scheduling

/// Stages, links and messages.
extension FaultSimulation {
    /// Begins the next micro-batch of a stage, if there is one.
    mutating func begin(_ stage: Int) {
        guard let task = stages[stage].begin(at: now) else { return }
        let duration =
            (world.stageNanoseconds[stage] + world.tokenNanoseconds * Int64(task.batch.tokenCount))
            * Int64(areFaultsOn ? stages[stage].slowness : 1)
        log.add("begin", at: now, [("stage", stage), ("batch", task.batch.id.rawValue)])
        events.add(.ended(stage: stage, serial: task.serial), at: after(duration))
    }

    /// A stage has ended its work. Sends the result to the next stage or the controller; drops work from before a loss.
    mutating func end(_ stage: Int, serial: Int) {
        guard let (parcel, batch, reset) = stages[stage].end(serial: serial, at: now) else { return }
        log.add("end", at: now, [("stage", stage), ("batch", parcel.batch)])
        if stage + 1 < stages.count {
            let medium = world.sharesMedium ? 0 : stage
            free[medium] = max(free[medium], now.nanoseconds) + world.rowNanoseconds * Int64(parcel.rows.count)
            send(.parcel(stage: stage + 1, parcel), taking: free[medium] - now.nanoseconds + world.latency)
        } else {
            let tokens = draw(batch, parcel.rows)
            let seconds = world.measures ? parcel.seconds : []
            send(.retired(batch: parcel.batch, tokens, stageSeconds: seconds), taking: world.retireDelay)
        }
        acknowledge(reset, stage)
    }

    private func draw(_ batch: MicroBatch, _ rows: [UInt64]) -> [[SampledToken]] {
        var first = 0
        return batch.slices.map { slice in
            defer { first += slice.tokens.count }
            return slice.draws.map { point in
                SampledToken(
                    HashedModel.drawn(
                        rows[first + point.row], generated: point.task.generated, key: point.task.parameters.seedKey,
                        vocabulary: world.vocabulary))
            }
        }
    }

    /// A stage has carried out a reset, and acknowledges it.
    mutating func acknowledge(_ reset: FaultyStage.Reset?, _ stage: Int) {
        guard let reset else { return }
        log.add("forget", at: now, [("stage", stage), ("epoch", reset.epoch), ("next", reset.next)])
        send(
            .acknowledged(stage: stage, epoch: reset.epoch, incarnation: stages[stage].incarnation),
            taking: world.retireDelay)
    }

    /// Sends a message that takes `nanoseconds` on its way. While there are faults it may be delayed, and come twice.
    mutating func send(_ event: Event, taking nanoseconds: Int64) {
        events.add(event, at: after(nanoseconds + extraDelay()))
        guard areFaultsOn, random.chance(world.faults.repetition) else { return }
        totals.repeatedMessages += 1
        events.add(event, at: after(nanoseconds + extraDelay() + drawn(upTo: world.faults.longestDelay)))
    }

    private mutating func extraDelay() -> Int64 {
        guard areFaultsOn, random.chance(world.faults.delay) else { return 0 }
        totals.delayedMessages += 1
        return drawn(upTo: world.faults.longestDelay)
    }

    mutating func drawn(upTo most: Int64) -> Int64 { Int64(random.integer(in: 0...Int(most))) }

    func after(_ nanoseconds: Int64) -> Instant { Instant(nanoseconds: now.nanoseconds + nanoseconds) }
}
