import Runtime
import Scheduling
import Testing
import TinyModels
import Transformer

@Suite("Driver report", .timeLimit(.minutes(1)))
struct DriverReportTests {
    @Test("busy time and bubbles are those of the spans", arguments: 1...4)
    func bubbles(stages: Int) throws {
        let device = try FakeDevice(unrest: 9)
        let client = RecordingClient(RequestSpec.samples(30, vocabulary: 97))
        let report = try Bench(device: device, stages: stages, recordsSpans: true).run(client)
        #expect(report.spans.count == stages * report.counters.microBatches)
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

    @Test("a stage computes one micro-batch at a time, in order, after the stage before")
    func spans() throws {
        let device = try FakeDevice(unrest: 10)
        let client = RecordingClient(RequestSpec.samples(30, vocabulary: 97))
        let report = try Bench(device: device, stages: 3, recordsSpans: true).run(client)
        let byStage = (0..<3).map { stage in report.spans.filter { $0.stage == StageID(stage) } }
        for spans in byStage {
            #expect(spans.map(\.microBatch.rawValue) == Array(0..<report.counters.microBatches))
            #expect(spans.allSatisfy { $0.begin <= $0.end && $0.begin >= .zero })
            #expect(zip(spans, spans.dropFirst()).allSatisfy { $0.end <= $1.begin })
        }
        for (before, after) in zip(byStage, byStage.dropFirst()) {
            #expect(zip(before, after).allSatisfy { $0.end <= $1.begin })
        }
        for step in client.steps {
            let index = step.microBatch.rawValue
            #expect(step.dispatched <= byStage[0][index].begin && byStage[2][index].end <= step.retired)
        }
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
