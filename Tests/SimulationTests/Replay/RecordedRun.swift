import EventLog
import Platform
import Scheduling
import Simulation
import Testing

/// A run on the virtual clock whose events are written to a log: requests that come over time, some of them given up,
/// and perhaps a stage that is lost.
struct RecordedRun {
    private(set) var log: String
    private(set) var core: EngineCore
    private(set) var actions = 0
    private var pipeline: SimulatedPipeline
    private var now = Instant.zero
    /// Numbers of micro-batches go on after a loss, those of the pipeline begin anew.
    private var voided = 0

    init(_ setup: EventLogSetup, seed: UInt64, losesStage: Bool = false) throws {
        log = EventLogWriter.header(setup)
        core = try setup.makeCore()
        let stages = setup.configuration.stages
        let timing = HandTiming(layers: Array(repeating: 700, count: stages), perToken: 10)
        func makePipeline() throws -> SimulatedPipeline {
            try SimulatedPipeline(timing: timing, network: .ideal(stages: stages))
        }
        pipeline = try makePipeline()
        var random = SeededRandom(seed: seed)
        for id in 0..<12 { try tell(.arrived(Self.spec(id, &random))) }
        try tell(.schedule)
        var rounds = 0
        while core.liveRequests > 0 {
            let retired = try pipeline.nextRetirements()
            try #require(!retired.isEmpty, "\(core.liveRequests) requests are stuck")
            for retirement in retired {
                now = retirement.time
                let tokens = retirement.tokens.map { $0.map { _ in SampledToken(TokenID(random.integer(in: 0...9))) } }
                try tell(
                    .retired(
                        MicroBatchID(retirement.batch.rawValue + voided), tokens,
                        stageSeconds: retirement.stageSeconds))
            }
            rounds += 1
            if rounds == 3 { try tell(.cancelled(RequestID(1))) }
            if rounds == 4 { try tell(.stopped(RequestID(2))) }
            if rounds == 6, losesStage {
                try tell(.stageLost(StageID(0)))
                try tell(.retired(MicroBatchID(0), []))
                try tell(.schedule)
                try tell(.stageRestored(StageID(0)))
                voided = core.counters.microBatches
                pipeline = try makePipeline()
                try pipeline.advance(to: now)
            }
            try tell(.schedule)
        }
    }

    private static func spec(_ id: Int, _ random: inout SeededRandom) -> RequestSpec {
        var spec = RequestSpec(
            id: RequestID(id), prompt: (0..<random.integer(in: 0...30)).map { TokenID($0) },
            maxNewTokens: random.integer(in: 0...9) == 0 ? nil : random.integer(in: 0...25),
            stopTokens: random.integer(in: 0...2) == 0 ? [3, 4] : [])
        spec.sampling.minTokens = random.integer(in: 0...3)
        if random.integer(in: 0...2) == 0 { spec.sampling.repetitionPenalty = 1.5 }
        return spec
    }

    private mutating func tell(_ event: EngineEvent) throws {
        var asked: [EngineAction] = []
        core.handle(event, at: now, into: &asked)
        log += EventLogWriter.line(event, at: now, actions: asked)
        actions += asked.count
        for case .dispatch(let batch) in asked {
            let id = MicroBatchID(batch.id.rawValue - voided)
            try pipeline.dispatch(MicroBatch(id: id, phase: batch.phase, slices: batch.slices), at: now)
        }
    }
}
