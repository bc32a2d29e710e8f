import Runtime
import Scheduling
import Testing

@Suite("Profile meter", .timeLimit(.minutes(30)))
struct ProfileMeterTests {
    /// Two unlike stages, by tokens, context and sequences.
    private func profile() throws -> MeasuredStepCost {
        let loads = [1, 4, 16, 64].flatMap {
            [
                StepLoad.decode(sequences: $0, context: 10 * $0), StepLoad.decode(sequences: $0, context: 500 * $0),
                StepLoad.prefill(tokens: $0, isLast: false),
            ]
        }
        return try MeasuredStepCost(
            loads.map { load in
                let layers = 1e-3 + 1e-4 * Double(load.tokens) + 1e-6 * Double(load.context)
                return StepSample(
                    load: load, stageSeconds: [layers, 1.5 * layers + 2e-4 * Double(load.sequences)])
            })
    }

    /// A micro-batch of slices that end at `ends`, each with `tokens` tokens; those that draw are even.
    private func batch(_ number: Int, tokens: Int, ends: [Int]) -> MicroBatch {
        let slices = ends.enumerated().map { index, end in
            SequenceSlice(
                request: RequestID(index), start: end - tokens, tokens: [TokenID](repeating: 1, count: tokens),
                blocks: [],
                sampling: index % 2 == 0
                    ? SamplingTask(parameters: .greedy, generated: 0, history: []) : nil)
        }
        return MicroBatch(id: MicroBatchID(number), phase: .mixed, slices: slices)
    }

    @Test("stages that take 1.25 times what the profile says, whichever of them does the work")
    func ratio() throws {
        let profile = try profile()
        var meter = ProfileMeter(profile)
        #expect(meter.ratio == nil)
        // Tokens, context and draws of the slices, by hand.
        let batches = [
            (batch(0, tokens: 1, ends: [7, 9, 30]), StepLoad(tokens: 3, context: 46, sequences: 2)),
            (batch(1, tokens: 5, ends: [5, 20]), StepLoad(tokens: 10, context: 15 + 90, sequences: 1)),
            (batch(2, tokens: 2, ends: [100]), StepLoad(tokens: 2, context: 199, sequences: 1)),
        ]
        meter.dispatched(batches[0].0)
        #expect(meter.ratio == nil)
        for (index, (_, load)) in batches.enumerated() {
            // Two are in flight.
            if index + 1 < batches.count { meter.dispatched(batches[index + 1].0) }
            let share = 0.2 + 0.3 * Double(index)
            meter.retired([1.25 * profile.total(load) * share, 1.25 * profile.total(load) * (1 - share)])
            #expect(abs(try #require(meter.ratio) - 1.25) < 1e-12)
        }
        #expect(abs(meter.profileSeconds - batches.reduce(0) { $0 + profile.total($1.1) }) < 1e-12)
    }

    @Test("each micro-batch counts by its time; one without times does not")
    func weights() throws {
        let profile = try profile()
        var meter = ProfileMeter(profile)
        for number in 0..<3 { meter.dispatched(batch(number, tokens: 1, ends: [10 + 400 * number])) }
        let seconds = [10, 410].map { profile.total(.decode(sequences: 1, context: $0)) }
        meter.retired([seconds[0], seconds[0]])
        meter.retired([])
        meter.retired([0, 0])
        let last = profile.total(.decode(sequences: 1, context: 810))
        #expect(abs(try #require(meter.ratio) - 2 * seconds[0] / (seconds[0] + last)) < 1e-12)
    }

    @Test("what a run observes corrects nothing")
    func uncorrected() throws {
        let plain = try profile()
        var observed = plain
        let load = StepLoad.decode(sequences: 1, context: 10)
        for _ in 0..<50 {
            for stage in 0..<2 { observed.observe(load, on: stage, seconds: 2 * plain.seconds(load, on: stage)) }
        }
        #expect(observed.total(load) > 1.5 * plain.total(load))
        var meter = ProfileMeter(observed)
        meter.dispatched(batch(0, tokens: 1, ends: [10]))
        meter.retired([2 * plain.seconds(load, on: 0), 2 * plain.seconds(load, on: 1)])
        #expect(abs(try #require(meter.ratio) - 2) < 1e-12)
    }

    @Test("the driver compares all that its stages did with the profile")
    func driver() throws {
        let profile = try profile()
        let seen = Seen()
        let (driver, core) = try Bench(device: FakeDevice(unrest: 5), stages: 2, chunk: 16).prepare()
        let spy = Spy(policy: PolicyCatalogue.policy(named: "hybrid")!, seen: seen)
        let report = try driver.run(
            EngineCore(configuration: core.configuration, policy: spy),
            client: RecordingClient(RequestSpec.samples(30, vocabulary: 97)), profile: profile)
        #expect(seen.steps.count == report.counters.microBatches && seen.steps.count > 20)
        let expected = seen.steps.reduce(0) { $0 + profile.total($1.load) }
        let measured = report.stageBusySeconds.reduce(0, +)
        #expect(abs(try #require(report.profileRatio) / (measured / expected) - 1) < 1e-9)
    }

    @Test("without a profile, and without work, there is nothing to compare")
    func nothing() throws {
        func report(_ requests: [RequestSpec], _ profile: MeasuredStepCost?) throws -> DriverReport {
            let (driver, core) = try Bench(device: FakeDevice(), stages: 2).prepare()
            return try driver.run(core, client: RecordingClient(requests), profile: profile)
        }
        #expect(try report(RequestSpec.samples(3, vocabulary: 97), nil).profileRatio == nil)
        #expect(try report([], profile()).profileRatio == nil)
    }

    private final class Seen: @unchecked Sendable {
        // Unchecked: the controller's thread, which is the test's, alone uses it.
        var steps: [RetiredStep] = []
    }

    /// A policy that keeps what retires.
    private struct Spy: SchedulingPolicy {
        var policy: any SchedulingPolicy
        let seen: Seen
        var name: String { policy.name }
        mutating func plan(_ view: SchedulerView) -> StepPlan? { policy.plan(view) }
        mutating func observe(_ step: RetiredStep) { seen.steps.append(step) }
    }
}
