import Scheduling
import Testing

@Suite struct AutoPolicyTests {
    @Test func allRequestsEnd() throws {
        let policy = AutoPolicy(
            costs: WeightBoundCost(stages: 2, knee: 64), lengths: HistoryPredictor(respectsLimit: true))
        var run = PolicyRun(stages: 2, tokensPerBlock: 16, blocks: 300, chunk: 256, policy: policy, issuesAhead: true)
        for id in 0..<300 { run.arrive(id, prompt: 20 + id * 37 % 300, answer: 2 + id * 13 % 80) }
        try run.finish()
        #expect(run.ended.count == 300)
    }

    /// From any state of any policy, each other policy goes on: no sequence is left behind.
    @Test(arguments: PolicyCatalogue.compared, PolicyCatalogue.compared)
    func eachPolicyTakesOverFromEachOther(first: String, second: String) throws {
        for handOver in [1, 2, 5, 17, 40] {
            let policy = HandOver(
                from: TestPolicies.named(first, stages: 3), to: TestPolicies.named(second, stages: 3), after: handOver)
            var run = PolicyRun(stages: 3, tokensPerBlock: 4, blocks: 90, chunk: 24, policy: policy, issuesAhead: true)
            for id in 0..<25 { run.arrive(id, prompt: 3 + id * 17 % 70, answer: 1 + id * 7 % 30) }
            try run.finish()
            #expect(run.ended.count == 25, "\(first) to \(second) after \(handOver)")
        }
    }

    /// A core under `auto`, driven by the loop until nothing is left.
    private func trials(of count: Int, chunk: Int = 2048, options: String = "", doubt: Double = 0) throws
        -> [RecordedTrial]
    {
        let policy = AutoPolicy(
            costs: DoubtfulCost(doubt: doubt), lengths: HistoryPredictor(respectsLimit: false),
            tdPipe: try TDPipeOptions(parsing: options))
        let configuration = EngineConfiguration(
            stages: 2, tokensPerBlock: 16, blockCount: 300, contextLength: 10_000, prefillChunk: chunk,
            maxSequences: 256)
        var loop = EngineLoop(EngineCore(configuration: configuration, policy: policy))
        var effects = RetiringStages()
        for id in 0..<count {
            let prompt = [TokenID](repeating: 1, count: 20 + id * 37 % 300)
            let spec = RequestSpec(id: RequestID(id), prompt: prompt, maxNewTokens: 2 + id * 13 % 80)
            loop.handle(.arrived(spec), &effects)
        }
        loop.handle(.schedule, &effects)
        while !effects.inFlight.isEmpty {
            let batch = effects.inFlight.removeFirst()
            let drawn = batch.slices.map { $0.draws.map { _ in SampledToken(9) } }
            effects.now = Instant(nanoseconds: effects.now.nanoseconds + 1_000_000)
            loop.handle(.retired(batch.id, drawn), &effects)
            loop.handle(.schedule, &effects)
        }
        try require(loop.core.liveRequests == 0, "\(loop.core.liveRequests) requests are left")
        #expect(loop.trials == effects.steps.flatMap(\.recordedTrials))
        return loop.trials
    }

    @Test func eachTrialIsToldOnceWithItsOccasionAndWhatItFound() throws {
        let trials = try trials(of: 400)
        #expect(trials.map(\.trial.number) == Array(1...trials.count))
        let first = try #require(trials.first)
        #expect(first.microBatch == MicroBatchID(0) && first.time == .zero)
        #expect(first.trial.occasion == .start && first.trial.answers == 0)
        #expect(first.trial.waiting == 400 && first.trial.active == 0 && first.trial.inCharge == 0)
        #expect(
            first.trial.candidates.map(\.name) == [
                "td-pipe", "td-pipe+piggyback=off", "hybrid+chunk=512", "throttle+chunk=2048",
            ])
        let occasions = Set(trials.map(\.trial.occasion))
        #expect(occasions == [.start, .answersEnded, .queueDrains])
        for (trial, next) in zip(trials, trials.dropFirst()) {
            #expect(next.trial.inCharge == trial.trial.chosen)
            #expect(next.microBatch > trial.microBatch && next.time >= trial.time)
            #expect(next.trial.answers >= trial.trial.answers)
            #expect(next.trial.waiting <= trial.trial.waiting)
        }
        for trial in trials.map(\.trial) where trial.candidates[trial.inCharge].rate != nil {
            #expect(trial.candidates[trial.inCharge].rate == 1)
            let chosen = try #require(trial.candidates[trial.chosen].rate)
            #expect(trial.isChange ? chosen > 1 : chosen == 1)
        }
    }

    @Test func aNameHasTheChunkThatTheRunAllows() throws {
        let names = try #require(try trials(of: 40, chunk: 256).first).trial.candidates.map(\.name)
        #expect(names == ["td-pipe", "td-pipe+piggyback=off", "hybrid+chunk=256", "throttle+chunk=256"])
    }

    /// Other policies keep no bounds, so none of them is tried where there is one.
    @Test(arguments: ["tpot=0.5", "ttft=9"])
    func onlyPoliciesThatKeepABoundAreTried(options: String) throws {
        let first = try #require(try trials(of: 40, options: options).first)
        #expect(first.trial.candidates.map(\.name) == ["td-pipe", "td-pipe+piggyback=off"])
    }

    /// An advantage that the step costs do not know for sure is no reason for a change.
    @Test func doubtfulCostsChangeNothing() throws {
        // Phases that leave most of the pool empty are slow.
        let options = "greedy=fixed:0.1"
        #expect(try trials(of: 400, options: options).contains { $0.trial.isChange })
        let doubtful = try trials(of: 400, options: options, doubt: 9)
        #expect(doubtful.count > 2)
        #expect(!doubtful.contains { $0.trial.isChange })
    }

    @Test func equalRunsChooseAlike() throws {
        func run() throws -> [PolicyRun.Batch] {
            let policy = AutoPolicy(
                costs: WeightBoundCost(stages: 2, knee: 64), lengths: HistoryPredictor(respectsLimit: false))
            var run = PolicyRun(
                stages: 2, tokensPerBlock: 16, blocks: 300, chunk: 256, policy: policy, issuesAhead: true)
            for id in 0..<120 { run.arrive(id, prompt: 20 + id * 37 % 300, answer: 2 + id * 13 % 80) }
            try run.finish()
            return run.batches
        }
        #expect(try run() == run())
    }
}

/// Stages without a clock: micro-batches wait until the test retires them.
private struct RetiringStages: EngineEffects {
    typealias Failure = Never

    var now = Instant.zero
    var inFlight: [MicroBatch] = []
    private(set) var steps: [StepRecord] = []

    mutating func dispatch(_ batch: MicroBatch) { inFlight.append(batch) }
    func emit(_ request: RequestID, _ tokens: [SampledToken]) -> AnswerState { .goesOn }
    func finish(_ request: RequestID, _ reason: FinishReason) {}
    func reject(_ request: RequestID, _ error: AdmissionError) {}
    mutating func report(_ step: StepRecord) { steps.append(step) }
}

/// A cost of two stages that may be off.
private struct DoubtfulCost: StepCost {
    let doubt: Double
    private let exact = WeightBoundCost(stages: 2, knee: 64)

    init(doubt: Double) { self.doubt = doubt }

    var stages: Int { exact.stages }
    func seconds(_ load: StepLoad, on stage: Int) -> Double { exact.seconds(load, on: stage) }
    func uncertainty(_ load: StepLoad, on stage: Int) -> Double { doubt }
    mutating func observe(_ load: StepLoad, on stage: Int, seconds: Double) {}
}

/// One policy for some plans, then another.
private struct HandOver: SchedulingPolicy {
    let name = "hand-over"
    private var policy: any SchedulingPolicy
    private var next: (any SchedulingPolicy)?
    private var left: Int

    init(from first: any SchedulingPolicy, to second: any SchedulingPolicy, after plans: Int) {
        policy = first
        next = second
        left = plans
    }

    mutating func plan(_ view: SchedulerView) -> StepPlan? {
        if left == 0, let next {
            policy = next
            policy.takeOver(view)
            self.next = nil
        }
        left -= 1
        return policy.plan(view)
    }

    mutating func observe(_ step: RetiredStep) { policy.observe(step) }
    mutating func observe(_ answer: FinishedAnswer) {
        policy.observe(answer)
        next?.observe(answer)
    }
}
