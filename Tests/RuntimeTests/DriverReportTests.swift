import Platform
import Runtime
import Scheduling
import Testing

@Suite("Driver report", .timeLimit(.minutes(30)))
struct DriverReportTests {
    @Test("busy time and bubbles are those of the spans", arguments: 1...4)
    func bubbles(stages: Int) throws {
        let device = FakeDevice(unrest: 9)
        let client = RecordingClient(RequestSpec.samples(30, vocabulary: 97))
        let report = try Bench(device: device, stages: stages, recordsSpans: true).run(client)
        #expect(report.spans.count { $0.work == .layers } == stages * report.counters.microBatches)
        #expect(report.spans.contains { $0.work == .head })
        var busy = [Double](repeating: 0, count: stages)
        for span in report.spans { busy[span.stage.rawValue] += span.end.seconds(since: span.begin) }
        for (sum, counted) in zip(busy, report.stageBusySeconds) { #expect(abs(sum - counted) < 1e-9) }
        let begin = report.spans.map(\.begin).min()!
        let end = report.spans.map(\.end).max()!
        let makespan = end.seconds(since: begin)
        #expect(abs(report.bubbleRatio - (1 - busy.reduce(0, +) / (Double(stages) * makespan))) < 1e-9)
        #expect((0..<1).contains(report.bubbleRatio))
        #expect(report.end >= end)
    }

    @Test("a stage computes one thing at a time: layers in order after the stage before, its share of the head at last")
    func spans() throws {
        let device = FakeDevice(unrest: 10)
        let client = RecordingClient(RequestSpec.samples(30, vocabulary: 97))
        let report = try Bench(device: device, stages: 3, chunk: 16, recordsSpans: true).run(client)
        func spans(_ stage: Int, _ work: StageWork) -> [StageSpan] {
            report.spans.filter { $0.stage == StageID(stage) && $0.work == work }
        }
        for stage in 0..<3 {
            let all = report.spans.filter { $0.stage == StageID(stage) }
            #expect(all.allSatisfy { $0.begin <= $0.end && $0.begin >= .zero })
            #expect(zip(all, all.dropFirst()).allSatisfy { $0.end <= $1.begin })
            #expect(spans(stage, .layers).map(\.microBatch.rawValue) == Array(0..<report.counters.microBatches))
            let heads = spans(stage, .head).map(\.microBatch)
            #expect(heads == Set(heads).sorted())
            if stage > 0 {
                #expect(
                    zip(spans(stage - 1, .layers), spans(stage, .layers)).allSatisfy { $0.end <= $1.begin })
            }
        }
        let layers = spans(2, .layers)
        for head in report.spans where head.work == .head {
            #expect(layers[head.microBatch.rawValue].end <= head.begin)
            #expect(head.end <= client.steps[head.microBatch.rawValue].retired)
        }
        for (step, last) in zip(client.steps, layers) {
            #expect(step.dispatched <= spans(0, .layers)[step.microBatch.rawValue].begin && last.end <= step.retired)
        }
        // Some micro-batches draw nothing: the head costs them nothing.
        let drawing = Set(report.spans.filter { $0.work == .head }.map(\.microBatch))
        #expect(drawing.count < report.counters.microBatches && !drawing.isEmpty)
    }

    @Test("each micro-batch retires with the seconds of every stage, layers and head", arguments: 1...4)
    func stageSeconds(stages: Int) throws {
        let device = FakeDevice(unrest: 11)
        let client = RecordingClient(RequestSpec.samples(30, vocabulary: 97))
        let seen = Seen()
        let (driver, core) = try Bench(device: device, stages: stages, chunk: 16, recordsSpans: true).prepare()
        let spy = Spy(policy: PolicyCatalogue.policy(named: "hybrid")!, seen: seen)
        let report = try driver.run(
            EngineCore(configuration: core.configuration, policy: spy), client: client)
        #expect(seen.seconds.count == report.counters.microBatches)
        for (batch, seconds) in seen.seconds.enumerated() {
            try #require(seconds.count == stages)
            for stage in 0..<stages {
                let spans = report.spans.filter { $0.stage.rawValue == stage && $0.microBatch.rawValue == batch }
                let sum = spans.reduce(0) { $0 + $1.end.seconds(since: $1.begin) }
                #expect(abs(sum - seconds[stage]) < 1e-9)
            }
        }
    }

    private final class Seen: @unchecked Sendable {
        // Unchecked: the controller's thread, which is the test's, alone uses it.
        var seconds: [[Double]] = []
    }

    /// A policy that keeps the times of what retires.
    private struct Spy: SchedulingPolicy {
        var policy: any SchedulingPolicy
        let seen: Seen
        var name: String { policy.name }
        mutating func plan(_ view: SchedulerView) -> StepPlan? { policy.plan(view) }
        mutating func observe(_ step: RetiredStep) { seen.seconds.append(step.stageSeconds) }
    }

    @Test("spans are kept only where asked for")
    func noSpans() throws {
        let client = RecordingClient(RequestSpec.samples(3, vocabulary: 97))
        let report = try Bench(device: FakeDevice(), stages: 2).run(client)
        #expect(report.spans.isEmpty && report.activity.allSatisfy { $0.first != nil && $0.last != nil })
    }

    @Test("the clock counts from the start of the run and never back")
    func clock() {
        let clock = RunClock()
        clock.start()
        let first = clock.now
        #expect(first >= .zero)
        var last = first
        for _ in 0..<1000 {
            let now = clock.now
            #expect(now >= last)
            last = now
        }
        clock.start()
        #expect(clock.now.nanoseconds >= 0)
    }

    @Test("the process has used memory")
    func memory() {
        #expect(PeakMemory.residentBytes > 1 << 20)
    }
}
