import Scheduling

/// A core under a given policy value, whose micro-batches retire one by one: for tests of what a policy puts into them.
struct PolicyRun {
    struct Batch: Equatable {
        var requests: [Int] = []
        var prefillTokens = 0
        /// Requests with a decode step.
        var decoding: [Int] = []
        /// When it was planned: sequences that decode, in flight or not, and those of them that were not in flight.
        var decodable = 0
        var ready = 0
    }
    private struct Account {
        let limit: Int
        var known: Int
        var issued = 0
        var generated = 0
        var isInFlight = false
        var isLive = true
        /// Micro-batches that were planned since it could decode.
        var waited = 0

        var isDecoding: Bool { isLive && (isInFlight ? issued == known : generated > 0 && known - issued == 1) }
    }
    private(set) var core: EngineCore
    private(set) var batches: [Batch] = []
    /// Requests in the order of their ends.
    private(set) var ended: [Int] = []
    /// The most micro-batches that went by while a sequence could decode.
    private(set) var longestWait = 0
    private var inFlight: [MicroBatch] = []
    /// Whether the policy may issue units of prompts ahead of the stages.
    private let issuesAhead: Bool
    /// By request id.
    private var accounts: [Account] = []

    init(
        stages: Int, tokensPerBlock: Int = 1, blocks: Int, chunk: Int, maxSequences: Int = 256,
        policy: any SchedulingPolicy = ThrottlePolicy(), issuesAhead: Bool = false
    ) {
        self.issuesAhead = issuesAhead
        let configuration = EngineConfiguration(
            stages: stages, tokensPerBlock: tokensPerBlock, blockCount: blocks, contextLength: 1_000_000,
            prefillChunk: chunk, maxSequences: maxSequences)
        core = EngineCore(configuration: configuration, policy: policy)
    }

    /// Ids count from 0.
    mutating func arrive(_ id: Int, prompt: Int, answer: Int) {
        precondition(id == accounts.count)
        accounts.append(Account(limit: answer, known: prompt))
        var actions: [EngineAction] = []
        let spec = RequestSpec(
            id: RequestID(id), prompt: Array(repeating: 1, count: prompt), maxNewTokens: answer)
        core.handle(.arrived(spec), at: .zero, into: &actions)
        precondition(actions.isEmpty, "a request of this test was refused")
    }

    /// Retires the oldest micro-batch in flight, if any, and plans.
    mutating func step(retiring: Bool = true) throws {
        if retiring && !inFlight.isEmpty { try retire() }
        try schedule()
    }

    mutating func schedule() throws {
        var actions: [EngineAction] = []
        core.handle(.schedule, at: .zero, into: &actions)
        for case .dispatch(let batch) in actions { try note(batch) }
        try core.checkIntegrity()
    }

    /// Until nothing is left.
    mutating func finish() throws {
        let tokens = accounts.reduce(0) { $0 + $1.known + $1.limit }
        let limit = batches.count + core.configuration.stages * (2 * tokens + 10 * accounts.count)
        try schedule()
        while core.liveRequests > 0 || !inFlight.isEmpty {
            try require(!inFlight.isEmpty, "\(core.liveRequests) requests are stuck")
            try require(batches.count <= limit, "no end after \(limit) micro-batches")
            try step()
        }
        try require(accounts.allSatisfy { $0.generated == $0.limit }, "an answer is too short")
        try require(core.blocksInUse == 0, "\(core.blocksInUse) blocks are left in use")
    }

    private mutating func retire() throws {
        let batch = inFlight.removeFirst()
        for slice in batch.slices {
            let id = slice.request.rawValue
            accounts[id].isInFlight = false
            guard !slice.draws.isEmpty else { continue }
            accounts[id].known += 1
            accounts[id].generated += 1
            accounts[id].isLive = accounts[id].generated < accounts[id].limit
            if !accounts[id].isLive { ended.append(id) }
        }
        var actions: [EngineAction] = []
        let drawn = batch.slices.map { $0.draws.map { _ in SampledToken(9) } }
        core.handle(.retired(batch.id, drawn), at: .zero, into: &actions)
    }

    private mutating func note(_ micro: MicroBatch) throws {
        var batch = Batch()
        for account in accounts where account.isDecoding {
            batch.decodable += 1
            if !account.isInFlight { batch.ready += 1 }
        }
        for slice in micro.slices {
            let id = slice.request.rawValue
            batch.requests.append(id)
            let isDecode = accounts[id].generated > 0 && accounts[id].known - slice.start == 1
            if isDecode { batch.decoding.append(id) } else { batch.prefillTokens += slice.tokens.count }
            accounts[id].issued = slice.start + slice.tokens.count
            accounts[id].isInFlight = true
            accounts[id].waited = 0
        }
        for index in accounts.indices where accounts[index].isDecoding && !accounts[index].isInFlight {
            accounts[index].waited += 1
            longestWait = max(longestWait, accounts[index].waited)
        }
        inFlight.append(micro)
        batches.append(batch)
        let counted = issuesAhead ? inFlight.count { $0.phase != .prefill } : inFlight.count
        try require(counted <= core.configuration.stages, "\(counted) micro-batches in flight")
        try require(
            batch.prefillTokens <= core.configuration.prefillChunk, "\(batch.prefillTokens) prompt tokens at once")
    }
}
