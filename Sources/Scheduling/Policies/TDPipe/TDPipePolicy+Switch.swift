extension TDPipePolicy {
    /// What could be prefilled now.
    private struct Possible {
        var requests = 0
        /// Tokens of the prompts, and what they attend to.
        var load = StepLoad(tokens: 0, context: 0, sequences: 0)
        /// Seconds of the whole model for each prompt; only for the released test.
        var prompts: [Double] = []
    }

    /// Whether to leave the decode phase now, and why. Asked once a round of micro-batches.
    mutating func decisionToPrefill(_ view: SchedulerView) -> PhaseDecision? {
        guard !view.waiting.isEmpty || partial != nil else { return nil }
        let total = members(view)
        var decision = PhaseDecision(
            to: .prefill, reason: .noneDecoding, waiting: view.waiting.count, decoding: total)
        guard total > 0 else { return decision }
        guard steps > 0, steps % view.configuration.stages == 0, look.step != steps, hasPrefillWindow(view) else {
            return nil
        }
        guard look.isStale(sequences: total, waiting: view.waiting.count) else { return nil }
        look.step = steps
        look.sequences = total
        look.waiting = view.waiting.count
        if case .fixed(let share) = options.switching {
            decision.reason = .threshold
            guard Double(sequencesAtStart - total) >= share * Double(sequencesAtStart) else { return nil }
            return possiblePrefill(view).requests > 0 ? decision : nil
        }
        let possible = possiblePrefill(view)
        guard possible.requests > 0 else { return nil }
        look.measure(costs, view)
        let (spatial, temporal) = intensities(possible, total: total, view)
        decision.reason = .intensity
        decision.spatial = spatial
        decision.temporal = temporal
        return spatial < temporal ? decision : nil
    }

    /// Looks ahead: the waiting requests that a prefill phase would admit now, in their order.
    private func possiblePrefill(_ view: SchedulerView) -> Possible {
        var possible = Possible()
        var forecast = blockForecast(view)
        var used = view.configuration.blockCount - view.freeBlocks
        if let partial, let sequence = view.activeSequence(slot: partial.slot) {
            let needed = view.configuration.blocks(forTokens: sequence.knownTokens) - sequence.blocksHeld
            guard needed <= view.freeBlocks else { return possible }
            possible.requests += 1
            possible.load = possible.load + .prefill(tokens: sequence.remaining, from: sequence.issuedTokens)
            used += needed
        }
        var room = view.configuration.maxSequences - view.active.count
        /// Whether one more could be admitted after those before it.
        func admits(_ sequence: SequenceView) -> Bool {
            let tokens = sequence.knownTokens
            let blocks = view.configuration.blocks(forTokens: tokens)
            guard room > 0, used + blocks <= view.configuration.blockCount,
                isWithin(forecast, sequence, view, used: used)
            else { return false }
            forecast.add(tokens: tokens, steps: stepsLeft(sequence, holding: tokens, view))
            used += blocks
            room -= 1
            possible.requests += 1
            possible.load = possible.load + .prefill(tokens: tokens)
            if options.switching == .released { possible.prompts.append(costs.total(.prefill(tokens: tokens))) }
            return true
        }
        if !prefersLong {
            for sequence in view.waiting { guard admits(sequence) else { break } }
        } else {
            var passed = 0
            for candidate in candidatesInOrder(view) {
                guard let sequence = view.waitingSequence(slot: candidate.slot), !admits(sequence) else { continue }
                passed += 1
                guard !candidate.isDue, room > 0, passed <= AdmissionOrder.backfill else { break }
            }
        }
        return possible
    }

    /// The two sides of the comparison.
    private func intensities(
        _ possible: Possible, total: Int, _ view: SchedulerView
    ) -> (spatial: Double, temporal: Double) {
        let stages = view.configuration.stages
        let context = look.context
        let sizeAfter = max(1, (total + possible.requests) / stages)
        if options.switching == .released {
            let time = { [costs] in costs.total(.decode(sequences: $0, context: $0 * context)) }
            return (
                ReleasedIntensity.spatial(sequences: total, stages: stages, time: time),
                ReleasedIntensity.temporal(prompts: possible.prompts, decodeStep: time(sizeAfter), stages: stages)
            )
        }
        let round = DecodeRound(total: total, stages: stages, context: context, costs: costs, previous: round)
        let spatial = Intensity.spatial(
            sequences: round.sequences, stages: stages, largestStep: round.largestStep, peakRate: look.peakRate)
        // The last unit is not full; it counts with its share.
        let units = max(1, Double(possible.load.tokens) / Double(max(1, unitTokens)))
        let unit = costs.slowest(
            StepLoad(
                tokens: Int(Double(possible.load.tokens) / units), context: Int(Double(possible.load.context) / units),
                sequences: Int(Double(possible.load.sequences) / units)))
        let tokensAfter = context * total + possible.load.tokens
        let contextAfter = tokensAfter / (total + possible.requests)
        let decodeStep = costs.slowest(.decode(sequences: sizeAfter, context: sizeAfter * contextAfter))
        if options.switching == .marginal, let cycle {
            let bubble = abs(unit - decodeStep) * Double(stages - 1)
            return (spatial, cycle.rate(prefill: units * unit, bubble: bubble))
        }
        return (
            spatial,
            Intensity.temporal(unitSum: units * unit, longest: unit, decodeStep: decodeStep, stages: stages)
        )
    }
}
