extension EngineCore {
    /// A stage is lost: everything that was computed has to be computed again.
    mutating func lose(_ stage: StageID) {
        check(stage)
        guard let place = placeAmongLost(stage) else { return }
        lostStages.insert(stage, at: place)
        counters.stageLosses += 1
        voidFlights()
        let interrupted = active
        active.removeAll(keepingCapacity: true)
        counters.interruptions += interrupted.count
        for slot in interrupted { beginAgain(slot) }
        policy.observe(StageLoss(stage: stage))
    }

    mutating func restore(_ stage: StageID) {
        check(stage)
        lostStages.removeAll { $0 == stage }
    }

    /// Drops all micro-batches in flight, and releases the requests that had ended and were held by one of them.
    private mutating func voidFlights() {
        counters.voidMicroBatches += inFlight.count
        for batch in inFlight {
            for part in batch.parts {
                sequences[part.slot].inFlight -= 1
                releaseIfIdle(part.slot)
            }
        }
        inFlight.removeAll(keepingCapacity: true)
        prefillsInFlight = 0
    }

    /// The index at which a stage belongs in the list of lost stages; nil if the list holds it already.
    private func placeAmongLost(_ stage: StageID) -> Int? {
        let place = lostStages.firstIndex { $0 >= stage } ?? lostStages.count
        return place < lostStages.count && lostStages[place] == stage ? nil : place
    }

    private func check(_ stage: StageID) {
        let stages = configuration.stages
        precondition((0..<stages).contains(stage.rawValue), "there is no \(stage) of \(stages)")
    }
}
