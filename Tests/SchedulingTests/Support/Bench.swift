import Scheduling
import Testing

/// What a micro-batch holds of one request: which positions.
struct Share: Hashable, CustomStringConvertible {
    let request: Int
    let positions: Range<Int>

    init(_ request: Int, _ positions: Range<Int>) {
        self.request = request
        self.positions = positions
    }

    var description: String { "\(request): \(positions)" }
}

/// A core that is told one thing at a time, for tests that say what each micro-batch holds.
struct Bench {
    private(set) var core: EngineCore
    private(set) var inFlight: [MicroBatch] = []
    /// All but the dispatches, since the last look.
    private var others: [ActionRecord] = []

    /// One token fills a block unless said otherwise, so that blocks are easy to count.
    init(
        _ policy: String, stages: Int = 1, tokensPerBlock: Int = 1, blocks: Int = 1000, context: Int = 10_000,
        chunk: Int = 512, maxSequences: Int = 256
    ) {
        let configuration = EngineConfiguration(
            stages: stages, tokensPerBlock: tokensPerBlock, blockCount: blocks, contextLength: context,
            prefillChunk: chunk, maxSequences: maxSequences)
        core = EngineCore(configuration: configuration, policy: TestPolicies.named(policy, stages: stages))
    }

    mutating func arrive(_ id: Int, prompt: Int, max: Int? = 100) {
        arrive(RequestSpec(id: RequestID(id), prompt: Array(repeating: 7, count: prompt), maxNewTokens: max))
    }

    mutating func arrive(_ spec: RequestSpec) { tell(.arrived(spec)) }

    mutating func tell(_ event: EngineEvent) {
        var actions: [EngineAction] = []
        core.handle(event, at: .zero, into: &actions)
        for action in actions {
            switch action {
            case .dispatch(let batch): inFlight.append(batch)
            default: others.append(ActionRecord(action))
            }
        }
    }

    /// Plans; what was dispatched.
    mutating func schedule() -> [[Share]] {
        let before = inFlight.count
        tell(.schedule)
        return inFlight[before...].map { batch in
            batch.slices.map { Share($0.request.rawValue, $0.start..<$0.start + $0.tokens.count) }
        }
    }

    /// Retires the oldest micro-batch; each slice that draws gets `tokens`, of which the keys of the first `kept` are in the
    /// cache.
    mutating func retire(_ tokens: [TokenID] = [9], kept: Int? = nil) {
        guard !inFlight.isEmpty else {
            Issue.record("nothing is in flight")
            return
        }
        let batch = inFlight.removeFirst()
        let drawn = batch.slices.map { $0.draws.isEmpty ? [] : tokens.map { SampledToken($0) } }
        let computed = kept.map { kept in
            batch.slices.map { $0.start + $0.tokens.count + ($0.draws.isEmpty ? 0 : kept) }
        }
        tell(.retired(batch.id, drawn, computedThrough: computed ?? []))
    }

    /// Plans and retires until no request is left; how many micro-batches that took.
    mutating func finish() -> Int {
        for count in 0..<1000 {
            if core.liveRequests == 0 { return count }
            _ = schedule()
            retire()
        }
        Issue.record("no end after 1000 micro-batches")
        return 1000
    }

    /// Actions since the last look, without dispatches and reports.
    mutating func answers() -> [ActionRecord] {
        defer { others = [] }
        return others.filter { if case .report = $0 { false } else { true } }
    }
}
