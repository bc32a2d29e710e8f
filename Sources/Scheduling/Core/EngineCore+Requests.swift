extension EngineCore {
    /// Takes a request in, or refuses it if it can never run.
    mutating func admit(_ spec: RequestSpec, into actions: inout [EngineAction]) {
        precondition(slotOf[spec.id] == nil, "\(spec.id) arrived twice")
        switch maxNewTokens(for: spec) {
        case .failure(let error):
            actions.append(.reject(spec.id, error))
        case .success(let limit):
            let slot: Int
            if let free = freeSlots.popLast() {
                slot = free
            } else {
                slot = sequences.count
                sequences.append(.vacant)
                forecasts.append(nil)
                contents.append(.none)
            }
            sequences[slot] = Sequence(
                spec.id, promptTokens: spec.prompt.count, lastToken: spec.prompt.last ?? 0, maxNewTokens: limit,
                arrival: nextArrival)
            forecasts[slot] = spec.forecast
            contents[slot] = SequenceContent(spec)
            nextArrival += 1
            slotOf[spec.id] = slot
            waiting.append(slot)
        }
    }

    /// The most tokens that the answer may have. The last token's keys and values are never needed, so prompt and
    /// answer together may be one token longer than the pool.
    private func maxNewTokens(for spec: RequestSpec) -> Result<Int, AdmissionError> {
        let prompt = spec.prompt.count
        guard prompt > 0 else {
            return .failure(
                AdmissionError(code: .emptyPrompt, message: "the prompt has 0 tokens; at least 1 is needed"))
        }
        if let asked = spec.maxNewTokens, asked < 1 {
            return .failure(
                AdmissionError(code: .invalidMaxTokens, message: "max_tokens is \(asked); at least 1 is needed"))
        }
        let asked = spec.maxNewTokens ?? 1
        let wish = spec.maxNewTokens.map { "max_tokens is \($0)" } ?? "its answer at least 1"
        let context = configuration.contextLength
        let pool = configuration.poolTokens
        if prompt > context || asked > context - prompt {
            let message =
                "the prompt has \(prompt) tokens and \(wish), together more than the model's "
                + "context length of \(context) tokens"
            return .failure(AdmissionError(code: .contextLengthExceeded, message: message))
        }
        if prompt + asked - 1 > pool {
            let message =
                "the prompt has \(prompt) tokens and \(wish), together more than the KV pool "
                + "of \(pool) tokens (\(configuration.blockCount) blocks of \(configuration.tokensPerBlock))"
            return .failure(AdmissionError(code: .kvPoolExceeded, message: message))
        }
        return .success(spec.maxNewTokens ?? context - prompt)
    }

    /// Ends a live request now; its blocks go back when no micro-batch in flight touches them.
    mutating func end(_ id: RequestID, _ reason: FinishReason, into actions: inout [EngineAction]) {
        guard let slot = slotOf[id] else { return }
        finish(slot, reason, into: &actions)
    }

    mutating func finish(_ slot: Int, _ reason: FinishReason, into actions: inout [EngineAction]) {
        let sequence = sequences[slot]
        let facts = AnswerFacts(sequence, forecast: forecasts[slot])
        leave(slot)
        if reason != .cancelled { policy.observe(FinishedAnswer(facts: facts)) }
        actions.append(.finish(sequence.id, reason))
    }

    /// Refuses a request without `maxNewTokens` whose answer grew past the pool: an answer cut there would depend on
    /// the size of the pool.
    mutating func refuseOutgrown(_ slot: Int, into actions: inout [EngineAction]) {
        let sequence = sequences[slot]
        let message =
            "the prompt has \(sequence.promptTokens) tokens and its answer without max_tokens has come to "
            + "\(sequence.generated), together more than the KV pool of \(configuration.poolTokens) tokens "
            + "(\(configuration.blockCount) blocks of \(configuration.tokensPerBlock))"
        leave(slot)
        actions.append(.reject(sequence.id, AdmissionError(code: .kvPoolExceeded, message: message)))
    }

    /// Takes a live request out of its place.
    private mutating func leave(_ slot: Int) {
        let id = sequences[slot].id
        switch sequences[slot].place {
        case .waiting: waiting.remove(at: waitingIndex(of: slot))
        case .active: active.remove(at: activeIndex(of: slot))
        case .leaving, .vacant: preconditionFailure("\(id) ended twice")
        }
        slotOf[id] = nil
        sequences[slot].ended = true
        sequences[slot].place = .leaving
        leaving += 1
        releaseIfIdle(slot)
    }

    /// Frees the slot and the blocks of an ended request once nothing in flight touches them.
    mutating func releaseIfIdle(_ slot: Int) {
        guard sequences[slot].ended,
            kvBlocks.giveBack(&contents[slot].table, inFlight: sequences[slot].inFlight)
        else { return }
        sequences[slot] = .vacant
        contents[slot] = .none
        freeSlots.append(slot)
        leaving -= 1
    }

    /// The index at which `slot` is, or belongs, in the active list.
    func activeIndex(of slot: Int) -> Int { index(of: slot, in: active) }

    /// The index at which `slot` is, or belongs, in the waiting queue.
    func waitingIndex(of slot: Int) -> Int { index(of: slot, in: waiting) }

    private func index<Slots: RandomAccessCollection>(of slot: Int, in slots: Slots) -> Int
    where Slots.Element == Int, Slots.Index == Int {
        let arrival = sequences[slot].arrival
        return slots.sortedIndex { sequences[$0].arrival >= arrival }
    }
}
