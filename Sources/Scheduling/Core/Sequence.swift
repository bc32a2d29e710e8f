/// The core's account of one request. Everything that a stage computes for it is "computed catches up with known".
struct Sequence: Sendable {
    let spec: RequestSpec
    /// `spec.maxNewTokens`, or what the limits allow.
    let maxNewTokens: Int
    /// Rank by arrival: lower came first.
    let arrival: Int
    /// Known tokens: the prompt and the answer so far.
    var tokens: [TokenID]
    /// Tokens whose keys and values stand in the cache.
    var computed = 0
    /// Those plus the tokens of micro-batches in flight.
    var issued = 0
    var blocks: [BlockID] = []
    /// Micro-batches in flight that hold tokens of this sequence.
    var inFlight = 0
    /// Set when the request ended while micro-batches with its tokens are in flight: its blocks go back with the last.
    var ended = false
    var place: Place = .waiting

    /// Where a live request stands: in exactly one of these.
    enum Place: Sendable, Hashable {
        /// In the waiting queue, without blocks.
        case waiting
        /// In the active list: holds blocks.
        case active
        /// Ended, held until its micro-batches retire.
        case leaving
    }

    init(spec: RequestSpec, maxNewTokens: Int, arrival: Int) {
        self.spec = spec
        self.maxNewTokens = maxNewTokens
        self.arrival = arrival
        tokens = spec.prompt
    }

    var generated: Int { tokens.count - spec.prompt.count }
    /// Known tokens that no micro-batch has been issued for.
    var remaining: Int { tokens.count - issued }
}
