extension EngineCore {
    /// Takes the results of the oldest micro-batch in flight.
    mutating func retire(
        _ id: MicroBatchID, _ tokens: [[SampledToken]], _ computedThrough: [Int], _ stageSeconds: [Double],
        at now: Instant, into actions: inout [EngineAction]
    ) {
        let oldest = inFlight.first?.id.rawValue ?? nextMicroBatch
        guard id.rawValue >= oldest else {
            counters.strayRetirements += 1
            return
        }
        precondition(inFlight.first?.id == id, "\(id) retired out of order")
        let batch = inFlight.removeFirst()
        precondition(tokens.count == batch.parts.count, "\(id) retired with \(tokens.count) results")
        precondition(
            computedThrough.isEmpty || computedThrough.count == batch.parts.count,
            "\(id) retired with the computed tokens of \(computedThrough.count) sequences")
        precondition(
            stageSeconds.isEmpty || stageSeconds.count == configuration.stages,
            "\(id) retired with the times of \(stageSeconds.count) stages")
        if batch.phase == .prefill { prefillsInFlight -= 1 }
        for index in batch.parts.indices {
            let part = batch.parts[index]
            precondition(part.samples != tokens[index].isEmpty, "\(id) drew tokens for the wrong sequences")
            sequences[part.slot].inFlight -= 1
            sequences[part.slot].computed = part.end
            if !computedThrough.isEmpty {
                noteComputed(computedThrough[index], of: part, drawn: tokens[index].count, in: id)
            }
            if sequences[part.slot].ended {
                releaseIfIdle(part.slot)
            } else if part.samples {
                accept(tokens[index], slot: part.slot, into: &actions)
            }
        }
        policy.observe(RetiredStep(phase: batch.phase, load: batch.load, stageSeconds: stageSeconds))
        actions.append(
            .report(
                StepRecord(
                    microBatch: id, phase: batch.phase, prefillTokens: batch.prefillTokens,
                    decodeTokens: batch.decodeTokens, sequences: batch.parts.count, dispatched: batch.dispatched,
                    retired: now, blocksInUse: kvBlocks.usedCount, liveRequests: liveRequests,
                    waitingRequests: waiting.count, predictedPeakBlocks: batch.predictedPeakBlocks,
                    decision: batch.decision, trials: batch.trials)))
    }

    /// Counts drawn tokens whose keys and values are in the KV cache already. Such a sequence has nothing else in
    /// flight, since all of its known tokens had been issued.
    private mutating func noteComputed(_ computed: Int, of part: InFlightBatch.Part, drawn: Int, in id: MicroBatchID) {
        let latest = part.end + max(0, drawn - 1)
        precondition(
            computed >= part.end && computed <= latest,
            "\(id) computed a sequence through token \(computed), not \(part.end) to \(latest)")
        guard computed > part.end else { return }
        precondition(
            configuration.blocks(forTokens: computed) <= sequences[part.slot].blocksHeld,
            "\(id) computed \(computed) tokens in \(sequences[part.slot].blocksHeld) blocks")
        sequences[part.slot].computed = computed
        sequences[part.slot].issued = computed
    }

    /// Appends drawn tokens up to the one that ends the answer.
    private mutating func accept(_ drawn: [SampledToken], slot: Int, into actions: inout [EngineAction]) {
        var account = sequences[slot]
        var accepted = 0
        var reason: FinishReason?
        while reason == nil, accepted < drawn.count {
            let token = drawn[accepted].token
            accepted += 1
            account.known += 1
            account.lastToken = token
            if contents[slot].append(token, generated: account.generated) {
                reason = .stopToken(token)
            } else if account.generated >= account.maxNewTokens {
                reason = .length
            }
        }
        sequences[slot] = account
        let isWhole = accepted == drawn.count
        actions.append(.emit(account.id, isWhole ? drawn : Array(drawn.prefix(accepted))))
        if let reason {
            finish(slot, reason, into: &actions)
        } else if account.known > configuration.poolTokens {
            refuseOutgrown(slot, into: &actions)
        }
    }
}
