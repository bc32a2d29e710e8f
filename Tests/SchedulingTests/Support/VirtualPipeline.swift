import Scheduling
import TestTools

/// Drives an engine through a scenario on a virtual clock. P stages take micro-batches in order, each for a seeded
/// time; a stage begins a micro-batch when the stage before has ended it and it has itself ended the one before.
struct VirtualPipeline {
    private(set) var engine: CheckedEngine
    /// Micro-batches that have retired.
    private(set) var rounds = 0
    private let scenario: Scenario
    private let roundLimit: Int
    private var random: SplitMix
    private var now = 0
    /// For each stage, when it has done all that it was given.
    private var stageFree: [Int]
    /// For each micro-batch in flight, when its last stage is done.
    private var retirements: [Int] = []
    /// For each micro-batch in flight, the seconds that each stage takes.
    private var stageSeconds: [[Double]] = []
    private var agenda: [Scenario.Entry]

    init(_ scenario: Scenario, isRecorded: Bool = true) {
        self.scenario = scenario
        engine = CheckedEngine(
            scenario.configuration, policy: scenario.makePolicy(), vocabulary: scenario.vocabulary,
            isRecorded: isRecorded, drawsOne: scenario.depth == 1, isForeseen: scenario.isForeseen)
        roundLimit = scenario.roundLimit
        random = SplitMix(schedule: scenario.seed)
        stageFree = Array(repeating: 0, count: scenario.configuration.stages)
        agenda = scenario.agenda
    }

    /// Runs until every request has ended.
    mutating func run() throws {
        while true {
            if let retirement = retirements.first, agenda.first.map({ retirement <= $0.time }) ?? true {
                now = retirement
                retirements.removeFirst()
                let seconds = stageSeconds.removeFirst()
                try engine.retireOldest(
                    depth: random.int(1...scenario.depth), keeps: scenario.keepsTokensAhead,
                    stageSeconds: scenario.seed % 3 == 0 ? [] : seconds,
                    at: instant)
                rounds += 1
                try stopAnswers()
            } else if !agenda.isEmpty {
                let entry = agenda.removeFirst()
                now = max(now, entry.time)
                try tell(entry.event)
            } else {
                break
            }
            // Not after every event: whoever drives a core may tell it several things before it plans.
            let isPressing = retirements.isEmpty && agenda.isEmpty
            if isPressing || !random.oneIn(4) { try schedule() }
            try require(rounds <= roundLimit, "\(rounds) micro-batches have not ended the run")
        }
        try engine.checkEmpty()
    }

    private mutating func tell(_ event: EngineEvent) throws {
        guard case .stageLost = event else { return try engine.tell(event, at: instant) }
        let void = engine.inFlight
        try engine.tell(event, at: instant)
        retirements = []
        stageSeconds = []
        stageFree = stageFree.map { _ in now }
        // A stage that does not know yet reports what nobody waits for any more.
        guard let batch = void.first, random.oneIn(2) else { return }
        let strays = engine.core.counters.strayRetirements
        let before = engine.actions.count
        try engine.tell(.retired(batch.id, batch.slices.map { _ in [SampledToken(0)] }), at: instant)
        try require(engine.actions.count == before, "the retirement of void \(batch.id) had consequences")
        try require(engine.core.counters.strayRetirements == strays + 1, "a stray retirement was not counted")
    }

    private var instant: Instant { Instant(nanoseconds: Int64(now)) }

    private mutating func schedule() throws {
        try engine.tell(.schedule, at: instant)
        for _ in retirements.count..<engine.inFlight.count {
            var time = now
            var seconds: [Double] = []
            for stage in stageFree.indices {
                let taken = random.int(1...scenario.slowest)
                time = max(time, stageFree[stage]) + taken
                stageFree[stage] = time
                seconds.append(Double(taken))
            }
            retirements.append(time)
            stageSeconds.append(seconds)
        }
    }

    /// Plays the caller who finds the end of an answer in its text, at once or some time later.
    private mutating func stopAnswers() throws {
        for id in engine.answered {
            guard let stop = scenario.stops[id.rawValue], engine.witness[id].answered >= stop.tokens else { continue }
            if stop.delay == 0 {
                try engine.tell(.stopped(id), at: instant)
            } else {
                let time = now + stop.delay
                let place = agenda.firstIndex { $0.time > time } ?? agenda.endIndex
                agenda.insert(Scenario.Entry(time: time, event: .stopped(id)), at: place)
            }
        }
    }
}
