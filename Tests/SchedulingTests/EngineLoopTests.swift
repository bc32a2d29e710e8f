import Scheduling
import Testing

@Suite("Engine loop")
struct EngineLoopTests {
    /// A pipeline of one stage that ends at once, and a reader of answers.
    private struct World: EngineEffects {
        struct Fault: Error, Equatable {}

        var now = Instant.zero
        var inFlight: [MicroBatch] = []
        /// What was recorded: the event, and the number of actions.
        var recorded: [(event: EngineEvent, time: Instant, actions: Int)] = []
        var emitted: [RequestID] = []
        var ends: [(request: RequestID, reason: FinishReason)] = []
        var rejected: [RequestID] = []
        var reports = 0
        /// What the reader says of the first emission of a request.
        var states: [RequestID: AnswerState] = [:]
        var failsAtFinish = false

        mutating func record(_ event: EngineEvent, at now: Instant, _ actions: ArraySlice<EngineAction>) {
            recorded.append((event, now, actions.count))
        }
        mutating func dispatch(_ batch: MicroBatch) throws { inFlight.append(batch) }
        mutating func emit(_ request: RequestID, _ tokens: [SampledToken]) throws -> AnswerState {
            emitted.append(request)
            return states[request] ?? .goesOn
        }
        mutating func finish(_ request: RequestID, _ reason: FinishReason) throws {
            if failsAtFinish { throw Fault() }
            ends.append((request, reason))
        }
        mutating func reject(_ request: RequestID, _ error: AdmissionError) throws { rejected.append(request) }
        mutating func report(_ step: StepRecord) throws { reports += 1 }

        /// The retirement of the oldest micro-batch.
        mutating func retirement() -> EngineEvent {
            let batch = inFlight.removeFirst()
            now = Instant(nanoseconds: now.nanoseconds + 5)
            return .retired(batch.id, batch.slices.map { $0.draws.map { _ in SampledToken(1) } })
        }
    }

    private func loop(policy: String = "hybrid") -> EngineLoop {
        let configuration = EngineConfiguration(stages: 1, tokensPerBlock: 4, blockCount: 20, contextLength: 64)
        let policy = PolicyCatalogue.policy(named: policy, settings: .unmeasured(stages: 1))!
        return EngineLoop(EngineCore(configuration: configuration, policy: policy))
    }

    private func spec(_ id: Int, prompt: Int = 3, answer: Int = 3) -> RequestSpec {
        RequestSpec(id: RequestID(id), prompt: [TokenID](repeating: 2, count: prompt), maxNewTokens: answer)
    }

    /// Until nothing is in flight.
    private func finish(_ loop: inout EngineLoop, _ world: inout World) throws {
        try loop.handle(.schedule, &world)
        while !world.inFlight.isEmpty {
            try loop.handle(world.retirement(), &world)
            try loop.handle(.schedule, &world)
        }
        try loop.core.checkIntegrity()
    }

    @Test("every action reaches the world, and every event the record with its time")
    func runs() throws {
        var loop = loop()
        var world = World()
        for id in 0..<4 { try loop.handle(.arrived(spec(id)), &world) }
        try loop.handle(.arrived(spec(9, prompt: 0)), &world)
        try finish(&loop, &world)
        #expect(world.rejected == [RequestID(9)] && world.ends.map(\.request.rawValue).sorted() == [0, 1, 2, 3])
        #expect(world.ends.allSatisfy { $0.reason == .length } && world.emitted.count == 12)
        #expect(world.reports == loop.core.counters.microBatches)
        #expect(zip(world.recorded, world.recorded.dropFirst()).allSatisfy { $0.time <= $1.time })
        let actions = world.recorded.reduce(0) { $0 + $1.actions }
        // Rejections, ends, tokens, reports, dispatches.
        #expect(actions == 1 + 4 + 12 + 2 * world.reports)
    }

    @Test("what the reader says of an answer is told to the core at once, before what follows")
    func readers() throws {
        var loop = loop()
        var world = World()
        world.states = [RequestID(1): .isComplete, RequestID(2): .isGivenUp]
        for id in 0..<4 { try loop.handle(.arrived(spec(id)), &world) }
        try loop.handle(.schedule, &world)
        try loop.handle(world.retirement(), &world)
        #expect(world.ends.map(\.request) == [RequestID(1), RequestID(2)])
        #expect(world.ends.map(\.reason) == [.stopped, .cancelled])
        let events = world.recorded.suffix(3).map(\.event)
        guard case .retired = events[0], case .stopped(RequestID(1)) = events[1],
            case .cancelled(RequestID(2)) = events[2]
        else { return #expect(Bool(false), "\(events)") }
        try finish(&loop, &world)
        #expect(world.emitted.count { $0 == RequestID(1) } == 1 && world.emitted.count { $0 == RequestID(2) } == 1)
        #expect(world.emitted.count == 2 + 2 * 3)
    }

    @Test("an error of the world ends the event, and leaves nothing over for the next")
    func fails() throws {
        var loop = loop()
        var world = World()
        world.failsAtFinish = true
        try loop.handle(.arrived(spec(0, answer: 1)), &world)
        try loop.handle(.arrived(spec(1, answer: 2)), &world)
        try loop.handle(.schedule, &world)
        #expect(throws: World.Fault()) { try loop.handle(world.retirement(), &world) }
        world.failsAtFinish = false
        let before = world.reports
        try loop.handle(.schedule, &world)
        #expect(world.reports == before && world.ends.isEmpty)
    }

    @Test("actions wait for carryOut, and phases are counted where they change", arguments: PolicyCatalogue.names)
    func waits(policy: String) throws {
        var loop = loop(policy: policy)
        var world = World()
        try loop.tell(.arrived(spec(0)), &world)
        try loop.tell(.schedule, &world)
        #expect(world.inFlight.isEmpty && world.recorded.count == 2 && loop.core.microBatchesInFlight == 1)
        try loop.carryOut(&world)
        #expect(world.inFlight.count == 1)
        var phases: [Phase] = []
        while let batch = world.inFlight.first {
            phases.append(batch.phase)
            try loop.handle(world.retirement(), &world)
            try loop.handle(.schedule, &world)
        }
        #expect(loop.phaseSwitches == zip(phases, phases.dropFirst()).count { $0 != $1 } && loop.phaseSwitches == 1)
    }
}
