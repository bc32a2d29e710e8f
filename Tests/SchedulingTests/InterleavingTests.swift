import Scheduling
import Testing

/// Every order in which three small requests can arrive, be planned and be computed, while one of them may be cancelled
/// at any time, on a pool that holds little more than one of them.
@Suite struct InterleavingTests {
    @Test(arguments: TestPolicies.names + [TestPolicies.blind], [1, 2, 3])
    func everyInterleavingEndsWell(policy: String, stages: Int) throws {
        let configuration = EngineConfiguration(
            stages: stages, tokensPerBlock: 1, blockCount: 4, contextLength: 20, prefillChunk: 2, maxSequences: 3,
            prefillWindow: stages)
        let specs = [(1, 4), (2, 3), (1, 3)].enumerated().map { index, size in
            RequestSpec(id: RequestID(index), prompt: (0..<size.0).map { TokenID($0 + index) }, maxNewTokens: size.1)
        }
        let engine = CheckedEngine(
            configuration, policy: TestPolicies.named(policy, stages: stages), vocabulary: 50, isRecorded: false)
        var search = Search(specs: specs, vocabulary: 50)
        try search.explore(engine, arrived: 0, mayCancel: true, mayPlan: false, depth: 0)
        #expect(search.endings > 1_000)
        if policy == "td-pipe" { #expect(search.preemptions == 0) }
        if TestPolicies.reserving.contains(policy) || policy == TestPolicies.blind { #expect(search.preemptions > 0) }
    }
}

private struct Search {
    let specs: [RequestSpec]
    let vocabulary: Int
    private(set) var endings = 0
    private(set) var preemptions = 0

    init(specs: [RequestSpec], vocabulary: Int) {
        self.specs = specs
        self.vocabulary = vocabulary
    }

    /// - Parameter mayPlan: something has happened since the last `.schedule`.
    mutating func explore(
        _ engine: CheckedEngine, arrived: Int, mayCancel: Bool, mayPlan: Bool, depth: Int
    ) throws {
        try require(depth < 100, "no end after \(depth) steps")
        if arrived == specs.count && engine.core.liveRequests == 0 && engine.inFlight.isEmpty {
            try finish(engine)
            return
        }
        var isStuck = true
        if mayPlan {
            var next = engine
            try next.tell(.schedule)
            // A plan that dispatches nothing changes nothing.
            if next.inFlight.count > engine.inFlight.count {
                isStuck = false
                try explore(next, arrived: arrived, mayCancel: mayCancel, mayPlan: false, depth: depth + 1)
            }
        }
        if arrived < specs.count {
            isStuck = false
            var next = engine
            try next.tell(.arrived(specs[arrived]))
            try explore(next, arrived: arrived + 1, mayCancel: mayCancel, mayPlan: true, depth: depth + 1)
        }
        if !engine.inFlight.isEmpty {
            isStuck = false
            var next = engine
            try next.retireOldest()
            try explore(next, arrived: arrived, mayCancel: mayCancel, mayPlan: true, depth: depth + 1)
        }
        for spec in specs.prefix(arrived) where mayCancel && engine.witness[spec.id].isLive {
            var next = engine
            try next.tell(.cancelled(spec.id))
            try explore(next, arrived: arrived, mayCancel: false, mayPlan: true, depth: depth + 1)
        }
        try require(!isStuck, "\(engine.core.liveRequests) requests are stuck")
    }

    private mutating func finish(_ engine: CheckedEngine) throws {
        try engine.checkEmpty()
        endings += 1
        preemptions += engine.core.counters.preemptions
        for spec in specs {
            let entry = engine.witness[spec.id]
            let oracle = CheckedEngine.answer(to: spec, context: 20, vocabulary: vocabulary)
            let isWhole = entry.ending == .length && entry.answer == oracle
            try require(isWhole || (entry.ending == .cancelled && oracle.starts(with: entry.answer)), "\(spec.id)")
        }
    }
}
