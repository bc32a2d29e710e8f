/// The core's account of one request, in numbers alone. All work of the stages on a request makes `computed` catch up
/// with `known`.
///
/// The account holds no references and takes 64 bytes: a policy looks at every active request before each micro-batch,
/// which is a walk through one array. The tokens and the block table are in `SequenceContent`.
struct Sequence: Sendable {
    let id: RequestID
    /// Rank by arrival: lower came first.
    let arrival: Int
    /// The number of the last micro-batch that was given tokens of this sequence; -1 before the first.
    var lastMicroBatch = -1
    @Compact private(set) var promptTokens: Int
    /// `spec.maxNewTokens`, or what the context allows.
    @Compact private(set) var maxNewTokens: Int
    /// Known tokens: the prompt and the answer so far.
    @Compact var known: Int
    /// The last known token.
    var lastToken: TokenID
    /// Tokens whose keys and values are in the KV cache.
    @Compact var computed = 0
    /// Computed tokens plus the tokens of micro-batches in flight.
    @Compact var issued = 0
    /// Blocks in the block table of the sequence.
    @Compact var blocksHeld = 0
    /// Micro-batches in flight that hold tokens of this sequence.
    @Compact var inFlight = 0
    /// Set when the request ends. Its blocks go back to the pool when the last micro-batch with its tokens has retired.
    var ended = false
    var place: Place

    /// The state of a slot; every live request is in exactly one place.
    enum Place: UInt8, Sendable, Hashable {
        /// The slot belongs to no request.
        case vacant
        /// In the waiting queue, without blocks.
        case waiting
        /// In the active list: holds blocks.
        case active
        /// Ended, held until its micro-batches retire.
        case leaving
    }

    /// A slot without a request.
    static let vacant = Sequence(
        RequestID(-1), promptTokens: 0, lastToken: 0, maxNewTokens: 0, arrival: 0, place: .vacant)

    init(
        _ id: RequestID, promptTokens: Int, lastToken: TokenID, maxNewTokens: Int, arrival: Int,
        place: Place = .waiting
    ) {
        self.id = id
        self.promptTokens = promptTokens
        self.lastToken = lastToken
        self.maxNewTokens = maxNewTokens
        self.arrival = arrival
        self.place = place
        known = promptTokens
    }

    var generated: Int { known - promptTokens }
    /// Known tokens that no micro-batch has been issued for.
    var remaining: Int { known - issued }
    /// Whether the next token alone is wanted: all but the last known token have been computed.
    var isDecoding: Bool { remaining == 1 && generated > 0 }
}

/// A count in 32 bits. `EngineConfiguration.contextLength` bounds every count that is stored in this way.
@propertyWrapper struct Compact: Sendable {
    private var stored: Int32

    init(wrappedValue: Int) { stored = Int32(wrappedValue) }

    var wrappedValue: Int {
        get { Int(stored) }
        set { stored = Int32(newValue) }
    }
}
