/// The core's account of one request. Everything that a stage computes for it is "computed catches up with known".
struct Sequence: Sendable {
    /// Boxed: an account is read and moved at every step, the request hardly ever.
    private let boxed: Box
    /// `spec.maxNewTokens`, or what the context allows.
    let maxNewTokens: Int
    /// Rank by arrival: lower came first.
    let arrival: Int
    let promptTokens: Int
    /// Known tokens: the prompt and the answer so far.
    var tokens: [TokenID]
    /// Tokens whose keys and values stand in the cache.
    var computed = 0
    /// Those plus the tokens of micro-batches in flight.
    var issued = 0
    var blocks: [BlockID] = []
    /// Micro-batches in flight that hold tokens of this sequence.
    var inFlight = 0
    /// The last micro-batch that was given tokens of this sequence.
    var lastMicroBatch: MicroBatchID?
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

    private final class Box: Sendable {
        let spec: RequestSpec
        init(_ spec: RequestSpec) { self.spec = spec }
    }

    init(spec: RequestSpec, maxNewTokens: Int, arrival: Int) {
        boxed = Box(spec)
        self.maxNewTokens = maxNewTokens
        self.arrival = arrival
        promptTokens = spec.prompt.count
        tokens = spec.prompt
    }

    var spec: RequestSpec { boxed.spec }
    var id: RequestID { boxed.spec.id }
    var generated: Int { tokens.count - promptTokens }
    /// Known tokens that no micro-batch has been issued for.
    var remaining: Int { tokens.count - issued }
    /// Whether the next token alone is wanted: all but the last known token have been computed.
    var isDecoding: Bool { remaining == 1 && generated > 0 }
}

extension Sequence {
    /// Cuts the next `count` tokens for a micro-batch and takes the blocks that they need.
    mutating func issue(
        _ count: Int, in batch: MicroBatchID, from pool: inout BlockPool, configuration: EngineConfiguration
    ) -> SequenceSlice {
        let start = issued
        let end = start + count
        while blocks.count < configuration.blocks(forTokens: end) { blocks.append(pool.take()) }
        issued = end
        inFlight += 1
        lastMicroBatch = batch
        return SequenceSlice(
            request: id, start: start, tokens: Array(tokens[start..<end]), blocks: blocks,
            sampling: end < tokens.count ? nil : samplingTask)
    }

    private var samplingTask: SamplingTask {
        let parameters = boxed.spec.sampling
        return SamplingTask(
            parameters: parameters, generated: generated, history: parameters.needsHistory ? tokens : [])
    }

    /// Appends drawn tokens up to the one that ends the answer. Returns how many that are, and why the answer ends
    /// there.
    mutating func accept(_ drawn: [SampledToken]) -> (count: Int, end: FinishReason?) {
        for (index, token) in drawn.enumerated() {
            tokens.append(token.token)
            if generated >= boxed.spec.sampling.minTokens && boxed.spec.stopTokens.contains(token.token) {
                return (index + 1, .stopToken(token.token))
            }
            if generated >= maxNewTokens { return (index + 1, .length) }
        }
        return (drawn.count, nil)
    }

    /// Gives up all that was computed. Returns the blocks.
    mutating func forget() -> [BlockID] {
        defer { blocks = [] }
        computed = 0
        issued = 0
        return blocks
    }
}
