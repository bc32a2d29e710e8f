import DequeModule

/// What a policy sees: numbers about the waiting and the active sequences. Reading it changes nothing.
public struct SchedulerView {
    public let configuration: EngineConfiguration
    let sequences: [Sequence]
    let forecasts: [LengthForecast?]
    let waitingSlots: Deque<Int>
    let activeSlots: [Int]
    public let freeBlocks: Int
    /// Micro-batches in flight.
    public let inFlight: Int
    /// Micro-batches in flight that hold prompt tokens only.
    public let prefillsInFlight: Int
    /// Micro-batches in flight that hold decode steps.
    public var decodesInFlight: Int { inFlight - prefillsInFlight }

    /// Requests without blocks, in the order in which they are to be served: by arrival, so that a preempted request
    /// comes before all later arrivals.
    public var waiting: SequenceList<Deque<Int>> { SequenceList(sequences: sequences, slots: waitingSlots) }
    /// Requests that hold blocks, by arrival.
    public var active: SequenceList<[Int]> { SequenceList(sequences: sequences, slots: activeSlots) }

    /// The request that holds blocks in `slot`; nil if there is none. For policies that keep slots between plans: a
    /// slot is used again by later requests, whose `arrival` tells them apart.
    public func activeSequence(slot: Int) -> SequenceView? { sequence(slot: slot, in: .active) }

    /// The request that waits in `slot`; nil if there is none. `arrival` tells requests apart, as in `activeSequence`.
    public func waitingSequence(slot: Int) -> SequenceView? { sequence(slot: slot, in: .waiting) }

    /// The same view with a smaller limit on prompt tokens.
    func limited(toPrefillChunk tokens: Int) -> SchedulerView {
        var limited = configuration
        limited.prefillChunk = min(limited.prefillChunk, tokens)
        return SchedulerView(
            configuration: limited, sequences: sequences, forecasts: forecasts, waitingSlots: waitingSlots,
            activeSlots: activeSlots, freeBlocks: freeBlocks, inFlight: inFlight, prefillsInFlight: prefillsInFlight)
    }

    /// What a length predictor may know of a sequence.
    public func facts(_ sequence: SequenceView) -> AnswerFacts {
        AnswerFacts(sequences[sequence.slot], forecast: forecasts[sequence.slot])
    }

    private func sequence(slot: Int, in place: Sequence.Place) -> SequenceView? {
        guard sequences.indices.contains(slot), sequences[slot].place == place else { return nil }
        return SequenceView(slot: slot, sequence: sequences[slot])
    }
}

/// A lazily read list of sequences.
public struct SequenceList<Slots: RandomAccessCollection & Sendable>: RandomAccessCollection, Sendable
where Slots.Element == Int, Slots.Index == Int {
    let sequences: [Sequence]
    let slots: Slots
    public var startIndex: Int { slots.startIndex }
    public var endIndex: Int { slots.endIndex }
    public subscript(position: Int) -> SequenceView {
        let slot = slots[position]
        return SequenceView(slot: slot, sequence: sequences[slot])
    }
}

/// What a policy knows of one sequence.
public struct SequenceView: Sendable {
    /// The core's name for the sequence in a plan.
    public let slot: Int
    private let sequence: Sequence

    init(slot: Int, sequence: Sequence) {
        self.slot = slot
        self.sequence = sequence
    }

    public var request: RequestID { sequence.id }
    /// Rank by arrival: lower came first.
    public var arrival: Int { sequence.arrival }
    public var promptTokens: Int { sequence.promptTokens }
    /// Tokens of the answer so far.
    public var generated: Int { sequence.generated }
    /// The most tokens that the answer may have.
    public var maxNewTokens: Int { sequence.maxNewTokens }
    /// Prompt and answer so far.
    public var knownTokens: Int { sequence.known }
    /// Known tokens that were not yet given to a micro-batch. If the answer has begun and 1 token remains, that token
    /// is a decode step.
    public var remaining: Int { sequence.remaining }
    /// Tokens issued so far.
    public var issuedTokens: Int { sequence.issued }
    public var blocksHeld: Int { sequence.blocksHeld }
    /// The last micro-batch that was given tokens of this sequence; nil before the first.
    public var lastMicroBatch: MicroBatchID? {
        sequence.lastMicroBatch < 0 ? nil : MicroBatchID(sequence.lastMicroBatch)
    }
    /// Whether a micro-batch with tokens of this sequence is in flight.
    public var isInFlight: Bool { sequence.inFlight > 0 }
    /// Whether the next token alone is wanted: all but the last known token have been computed.
    public var isDecoding: Bool { sequence.isDecoding }
}
