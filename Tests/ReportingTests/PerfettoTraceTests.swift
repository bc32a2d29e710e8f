import Foundation
import Reporting
import Scheduling
import Testing

@Suite struct PerfettoTraceTests {
    private func trace(_ recording: RunRecording) throws -> [String: Any] {
        let text = PerfettoTrace(recording: recording).json
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private func events(_ recording: RunRecording, kind: String) throws -> [[String: Any]] {
        try #require(try trace(recording)["traceEvents"] as? [[String: Any]]).filter { $0["ph"] as? String == kind }
    }

    private func argument(_ event: [String: Any], _ name: String) -> Int? {
        (event["args"] as? [String: Any])?[name] as? Int
    }

    @Test func spansAreCompleteEventsOnTheTracksOfTheirStages() throws {
        let spans = try events(twoStages, kind: "X")
        #expect(spans.count == 8)
        #expect(spans.map { $0["tid"] as? Int } == [0, 0, 0, 0, 1, 1, 1, 1])
        #expect(spans.map { $0["name"] as? String }.prefix(4) == ["prefill", "prefill", "decode", "decode"])
        #expect(spans.map { $0["ts"] as? Double }.suffix(4) == [20_000, 32_000, 65_000, 80_000])
        #expect(spans.map { $0["dur"] as? Double }.suffix(4) == [10_000, 8_000, 5_000, 10_000])
        #expect(spans.map { argument($0, "micro_batch") }.prefix(4) == [0, 1, 2, 3])
        #expect(spans.map { argument($0, "tokens") }.prefix(4) == [100, 60, 3, 2])
        #expect(spans.map { argument($0, "sequences") }.prefix(4) == [2, 1, 3, 2])
    }

    @Test func totalsAgreeWithTheStatistics() throws {
        let spans = try events(twoStages, kind: "X")
        let statistics = RunStatistics(recording: twoStages)
        for stage in 0..<2 {
            let own = spans.filter { $0["tid"] as? Int == stage }
            let busy = own.reduce(0) { $0 + ($1["dur"] as? Double ?? 0) } * 1e-6
            #expect((busy - statistics.stageBusySeconds[stage]).magnitude < 1e-9)
            #expect(own.reduce(0) { $0 + (argument($1, "prefill_tokens") ?? 0) } == statistics.prefillTokens)
            #expect(own.reduce(0) { $0 + (argument($1, "decode_tokens") ?? 0) } == statistics.decodeTokens)
        }
    }

    @Test func countersFollowTheRetirements() throws {
        let counters = try events(twoStages, kind: "C")
        let blocks = counters.filter { $0["name"] as? String == "KV blocks" }
        let requests = counters.filter { $0["name"] as? String == "requests" }
        #expect(blocks.map { $0["ts"] as? Double } == [30_000, 40_000, 70_000, 90_000])
        #expect(blocks.map { argument($0, "in use") } == [7, 11, 12, 4])
        #expect(requests.map { argument($0, "live") } == [2, 3, 3, 1])
        #expect(requests.map { argument($0, "waiting") } == [3, 2, 2, 2])
    }

    @Test func sharesOfTheHeadAreSpansOfTheirOwn() throws {
        let spans = try events(sharedHead, kind: "X")
        #expect(spans.map { $0["cat"] as? String }.filter { $0 == "head" }.count == 4)
        let first = spans.filter { $0["tid"] as? Int == 0 }
        #expect(
            first.map { $0["name"] as? String } == ["prefill", "decode", "decode, head", "decode", "decode, head"])
        #expect(first.map { $0["cat"] as? String } == ["layers", "layers", "head", "layers", "head"])
        #expect(first.map { argument($0, "micro_batch") } == [0, 1, 1, 2, 2])
    }

    @Test func predictedBlocksAreACounterWhereThePolicyForecasts() throws {
        let blocks = try events(sharedHead, kind: "C").filter { $0["name"] as? String == "KV blocks" }
        #expect(blocks.map { argument($0, "predicted peak") } == [9, 10, 70])
        let others = try events(twoStages, kind: "C")
        #expect(others.allSatisfy { argument($0, "predicted peak") == nil })
    }

    @Test func phaseSwitchesAreInstantEventsWithTheirFigures() throws {
        let decisions = [
            PhaseDecision(to: .decode, reason: .poolForecast, waiting: 7, decoding: 40),
            PhaseDecision(
                to: .prefill, reason: .intensity, spatial: 0.8125, temporal: 0.875, waiting: 6, decoding: 12),
        ]
        let steps = [
            step(0, .prefill, retired: 5),
            step(1, .decode, dispatched: 10, retired: 15, decision: decisions[0]),
            step(2, .prefill, dispatched: 20, retired: 25, decision: decisions[1]),
        ]
        let instants = try events(recording(stages: 1, steps: steps, spans: []), kind: "i")
        #expect(instants.map { $0["name"] as? String } == ["switch to decode", "switch to prefill"])
        #expect(instants.map { $0["ts"] as? Double } == [10_000, 20_000])
        let figures = try instants.map { try #require($0["args"] as? [String: Any]) }
        #expect(figures.map { $0["reason"] as? String } == ["pool forecast", "intensity"])
        #expect(figures.map { $0["spatial_intensity"] as? Double } == [nil, 0.8125])
        #expect(figures.map { $0["temporal_intensity"] as? Double } == [nil, 0.875])
        #expect(figures.map { $0["waiting"] as? Int } == [7, 6])
        #expect(figures.map { $0["decoding"] as? Int } == [40, 12])
        #expect(figures.map { $0["micro_batch"] as? Int } == [1, 2])
    }

    @Test func trialsAreInstantEventsWithWhatTheyFound() throws {
        let instants = try events(triedPolicies(second: "a\"b"), kind: "i")
        #expect(
            instants.map { $0["name"] as? String } == [
                "trial: td-pipe goes on", "trial: a\"b goes on", "trial: a\"b goes on",
            ])
        #expect(instants.map { $0["ts"] as? Double } == [0, 500_000, 500_000])
        let figures = try instants.map { try #require($0["args"] as? [String: Any]) }
        #expect(figures.map { $0["occasion"] as? String } == ["start", "answers ended", "answers ended"])
        #expect(figures.map { $0["in_charge"] as? String } == ["td-pipe", "td-pipe", "a\"b"])
        let candidates = try figures.map { try #require($0["candidates"] as? [[String: Any]]) }
        #expect(candidates.map { $0[1]["rate"] as? Double } == [nil, 1.25, 1])
        #expect(figures.map { $0["micro_batch"] as? Int } == [0, 2, 2])
    }

    @Test func processAndThreadsHaveNames() throws {
        let hostile = recording(model: "a\"b\\c\n</script>", stages: 2, steps: [], spans: [])
        let names = try events(hostile, kind: "M")
        #expect((names[0]["args"] as? [String: Any])?["name"] as? String == "a\"b\\c\n</script>, td-pipe")
        let threads = names.filter { $0["name"] as? String == "thread_name" }
        #expect(threads.compactMap { ($0["args"] as? [String: Any])?["name"] as? String } == ["stage 0", "stage 1"])
        #expect((try trace(hostile)["otherData"] as? [String: Any])?["kv_blocks_total"] as? Int == 64)
    }

    @Test func nanosecondsAreKept() {
        var precise = recording(stages: 1, steps: [], spans: [])
        precise.spans = [
            StageSpan(
                stage: StageID(0), microBatch: MicroBatchID(0), begin: Instant(nanoseconds: 1_234_567_890_005),
                end: Instant(nanoseconds: 1_234_567_891_015))
        ]
        #expect(PerfettoTrace(recording: precise).json.contains("\"ts\":1234567890.005,\"dur\":1.010"))
    }

    @Test func theTraceIsWrittenInPieces() throws {
        let steps = (0..<2000).map { step($0, .decode, decode: 1, retired: $0 + 1) }
        let long = recording(stages: 1, steps: steps, spans: (0..<2000).map { span(0, $0, $0, $0 + 1) })
        var pieces: [String] = []
        PerfettoTrace(recording: long).write { pieces.append($0) }
        #expect(pieces.count > 3)
        #expect(pieces.allSatisfy { $0.utf8.count < 70_000 })
        #expect(try events(long, kind: "X").count == 2000)
        #expect(pieces.joined() == PerfettoTrace(recording: long).json)
    }

    @Test func anErrorOfTheSinkComesBack() {
        #expect(throws: ReportingError.self) {
            try PerfettoTrace(recording: twoStages).write { _ in
                throw ReportingError(.malformedSize, "disk full")
            }
        }
    }
}
