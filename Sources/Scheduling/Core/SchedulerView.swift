import DequeModule

/// What a policy sees: numbers about the waiting and the active sequences. Reading it changes nothing.
public struct SchedulerView {
    public let configuration: EngineConfiguration
    let sequences: [Sequence?]
    let waitingSlots: Deque<Int>
    let activeSlots: [Int]
    public let freeBlocks: Int
    /// Micro-batches in flight, and those of them that hold prompt tokens only.
    public let inFlight: Int
    public let prefillsInFlight: Int
    /// Micro-batches in flight that hold decode steps.
    public var decodesInFlight: Int { inFlight - prefillsInFlight }

    /// Requests without blocks in the order in which they are to be served: by arrival, so that a preempted one stands
    /// before those that came after it.
    public var waiting: SequenceList<Deque<Int>> { SequenceList(sequences: sequences, slots: waitingSlots) }
    /// Requests that hold blocks, by arrival.
    public var active: SequenceList<[Int]> { SequenceList(sequences: sequences, slots: activeSlots) }

    /// The request that holds blocks in `slot`; nil if there is none. For policies that keep slots between plans: a slot
    /// is used again by later requests, whose `arrival` tells them apart.
    public func activeSequence(slot: Int) -> SequenceView? {
        guard sequences.indices.contains(slot), let sequence = sequences[slot], sequence.place == .active else {
            return nil
        }
        return SequenceView(slot: slot, sequence: sequence)
    }
}

/// A lazily read list of sequences.
public struct SequenceList<Slots: RandomAccessCollection & Sendable>: RandomAccessCollection, Sendable
where Slots.Element == Int, Slots.Index == Int {
    let sequences: [Sequence?]
    let slots: Slots
    public var startIndex: Int { slots.startIndex }
    public var endIndex: Int { slots.endIndex }
    public subscript(position: Int) -> SequenceView {
        let slot = slots[position]
        return SequenceView(slot: slot, sequence: sequences[slot]!)
    }
}

/// What a policy knows of one sequence.
public struct SequenceView: Sendable {
    /// The core's name for the sequence in a plan.
    public let slot: Int
    public let request: RequestID
    /// Rank by arrival: lower came first.
    public let arrival: Int
    public let promptTokens: Int
    /// Tokens of the answer so far, and the most that it may have.
    public let generated: Int
    public let maxNewTokens: Int
    /// Prompt and answer so far.
    public let knownTokens: Int
    /// Known tokens that were not yet given to a micro-batch. 1 with an answer under way is a decode step.
    public let remaining: Int
    public let blocksHeld: Int
    /// The last micro-batch that was given tokens of this sequence; nil before the first.
    public let lastMicroBatch: MicroBatchID?
    /// Whether a micro-batch with tokens of this sequence is in flight.
    public let isInFlight: Bool

    init(slot: Int, sequence: Sequence) {
        self.slot = slot
        request = sequence.id
        arrival = sequence.arrival
        promptTokens = sequence.promptTokens
        generated = sequence.generated
        maxNewTokens = sequence.maxNewTokens
        knownTokens = sequence.tokens.count
        remaining = sequence.remaining
        blocksHeld = sequence.blocks.count
        lastMicroBatch = sequence.lastMicroBatch
        isInFlight = sequence.inFlight > 0
    }

    /// Whether the next token alone is wanted: all but the last known token have been computed.
    public var isDecoding: Bool { remaining == 1 && generated > 0 }
    /// What a length predictor may know.
    public var facts: AnswerFacts {
        AnswerFacts(request: request, promptTokens: promptTokens, generated: generated, limit: maxNewTokens)
    }
    /// Tokens issued so far.
    public var issuedTokens: Int { knownTokens - remaining }
}
