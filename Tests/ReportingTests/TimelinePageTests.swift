import Foundation
import Reporting
import Scheduling
import Testing

@Suite struct TimelinePageTests {
    private func page(_ recording: RunRecording, summary: [RunSummary.Line] = []) -> String {
        TimelinePage(recording: recording, summary: summary).html
    }

    /// The text between the tags of the element that starts with `opening`.
    private func content(of opening: String, in html: String) throws -> String {
        let start = try #require(html.range(of: opening)).upperBound
        let end = try #require(html.range(of: "</script>", range: start..<html.endIndex)).lowerBound
        return String(html[start..<end])
    }

    private func data(in html: String) throws -> [String: Any] {
        let text = try content(of: "<script type=\"application/json\" id=\"recording\">", in: html)
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
        return try #require(object as? [String: Any])
    }

    /// Decodes a column as the script of the page does.
    private func column(_ path: String..., in object: [String: Any]) throws -> [Int] {
        var node = object
        for key in path.dropLast() { node = try #require(node[key] as? [String: Any]) }
        let name = try #require(path.last)
        let text = try #require(node[name] as? String)
        let bytes = try #require(Data(base64Encoded: text))
        var values: [Int] = []
        var number = 0
        var shift = 0
        for byte in bytes {
            number |= Int(byte & 127) << shift
            shift += 7
            guard byte < 128 else { continue }
            let difference = number % 2 == 0 ? number / 2 : -(number + 1) / 2
            values.append((values.last ?? 0) + difference)
            (number, shift) = (0, 0)
        }
        try #require(shift == 0)
        return values
    }

    @Test func theDataHoldsTheRecording() throws {
        let data = try data(in: page(twoStages))
        #expect(data["origin"] as? Double == 0.005)
        #expect(data["secondsPerTick"] as? Double == 1e-9)
        #expect(data["end"] as? Int == 85_000_000)
        #expect(data["blocksTotal"] as? Int == 64)
        #expect(try column("batches", "id", in: data) == [0, 1, 2, 3])
        #expect(try column("batches", "phase", in: data) == [0, 0, 1, 1])
        #expect(try column("batches", "prefill", in: data) == [100, 60, 0, 0])
        #expect(try column("batches", "decode", in: data) == [0, 0, 3, 2])
        #expect(try column("batches", "sequences", in: data) == [2, 1, 3, 2])
        #expect(try column("batches", "dispatched", in: data) == [1, 1, 35_000_001, 61_000_001])
        #expect(try column("batches", "predicted", in: data) == [0, 0, 0, 0])
        #expect(try column("states", "blocks", in: data) == [7, 11, 12, 4])
        #expect(try column("states", "live", in: data) == [2, 3, 3, 1])
        #expect(try column("states", "waiting", in: data) == [3, 2, 2, 2])
        let stages = try #require(data["stages"] as? [[String: Any]])
        #expect(stages.count == 2)
        #expect(try column("batch", in: stages[1]) == [0, 1, 2, 3])
        let edges = [15, 25, 27, 35, 60, 65, 75, 85].map { $0 * 1_000_000 }
        #expect(try column("edges", in: stages[1]) == edges)
        #expect(try column("work", in: stages[1]) == [0, 0, 0, 0])
    }

    @Test func sharesOfTheHeadForecastsAndSwitchesAreInTheData() throws {
        let data = try data(in: page(sharedHead))
        let stages = try #require(data["stages"] as? [[String: Any]])
        #expect(try column("work", in: stages[0]) == [0, 0, 1, 0, 1])
        #expect(try column("batch", in: stages[0]) == [0, 1, 1, 2, 2])
        #expect(try column("batches", "predicted", in: data) == [10, 11, 71])
        #expect(try column("switches", "batch", in: data) == [1])
        #expect(try column("switches", "to", in: data) == [1])
        #expect(try column("switches", "decoding", in: data) == [2])
        let switches = try #require(data["switches"] as? [String: Any])
        let reasons = try #require(switches["reasons"] as? [String])
        #expect(try column("switches", "reason", in: data).map { reasons[$0] } == ["none waiting"])
        #expect(switches["spatial"] as? [NSNull] == [NSNull()])
    }

    @Test(arguments: [1, 255, 256, 65_535, 65_536, 4_000_000_000]) func columnsHoldValuesOfAnyWidth(value: Int) throws {
        let one = recording(
            stages: 1, steps: [step(0, .prefill, prefill: value, retired: 1)], spans: [span(0, 0, 0, 1)])
        #expect(try column("batches", "prefill", in: try data(in: page(one))) == [value])
    }

    @Test func aLongRunTakesCoarserTicks() throws {
        // 20,000 s do not fit into 32 bits of nanoseconds.
        let long = recording(
            stages: 1, steps: [step(0, .prefill, retired: 20_000_000)], spans: [span(0, 0, 0, 20_000_000)])
        let data = try data(in: page(long))
        let tick = try #require(data["secondsPerTick"] as? Double)
        let stages = try #require(data["stages"] as? [[String: Any]])
        let end = try #require(try column("edges", in: stages[0]).last)
        #expect(tick > 4e-6 && tick < 6e-6)
        #expect((Double(end) * tick - 20_000).magnitude <= tick)
    }

    @Test func aMicroBatchWithoutARecordKeepsItsNumber() throws {
        let cut = recording(
            stages: 1, steps: [step(0, .decode, retired: 10)], spans: [span(0, 0, 0, 10), span(0, 9, 12, 20)])
        let data = try data(in: page(cut))
        #expect(try column("batches", "id", in: data) == [0, 9])
        #expect(try column("batches", "phase", in: data) == [1, 3])
    }

    @Test func namesAndValuesCannotLeaveTheirPlace() throws {
        let hostile = "</script><img src=x onerror=alert(1)>&\"'<!--\u{0}\u{2028}"
        let html = page(
            recording(model: hostile, stages: 2, steps: twoStages.steps, spans: twoStages.spans),
            summary: [.init(label: hostile, value: "\"><script>alert(2)</script>")])
        #expect(!html.contains("<img"))
        #expect(!html.contains("<script>alert"))
        #expect(!html.contains("\u{0}"))
        #expect(html.contains("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39;&lt;!--"))
        #expect(html.components(separatedBy: "<script").count == 3)
        #expect(html.components(separatedBy: "</script>").count == 3)
        #expect(try data(in: html)["blocksTotal"] as? Int == 64)
    }

    @Test func thePageNeedsNoNetwork() {
        let html = page(twoStages)
        for needle in ["http://", "https://", "src=", "url(", "@import", "fetch(", "<link"] {
            #expect(!html.contains(needle), "the page contains \(needle)")
        }
        #expect(html.contains("default-src 'none'"))
    }

    @Test func theSummaryAndTheStagesStandInTheMarkup() {
        let html = page(twoStages, summary: [.init(label: "bubble ratio", value: "54.4 %")])
        #expect(html.contains("<dt>bubble ratio</dt><dd>54.4 %</dd>"))
        #expect(html.contains("<th scope=\"row\">stage 1</th><td>4</td><td>0.033 s</td><td>41.3 %</td><td>0.0 %</td>"))
        #expect(html.contains("Timeline of 4 micro-batches on\n2 stages"))
    }

    @Test func anEmptyRecordingMakesAPage() throws {
        let data = try data(in: page(recording(stages: 2, steps: [], spans: [])))
        #expect(try column("batches", "id", in: data).isEmpty)
        #expect(data["end"] as? Int == 1)
    }

    @Test func theSwitchesStandInATableWithTheirFigures() throws {
        let html = page(
            recording(
                stages: 1,
                steps: [
                    step(0, .prefill, retired: 10),
                    step(
                        1, .decode, dispatched: 500, retired: 1000,
                        decision: PhaseDecision(
                            to: .decode, reason: .intensity, spatial: 0.81234, temporal: nil, waiting: 1234, decoding: 5
                        )
                    ),
                ], spans: [span(0, 0, 0, 10), span(0, 1, 500, 1000)]))
        #expect(
            html.contains(
                "<tr><th scope=\"row\">1</th><td><a href=\"#t=0.490000-0.510000\">0.500 s</a></td>"
                    + "<td class=\"text\">decode</td><td class=\"text\">intensity</td><td>0.8123</td><td>–</td>"
                    + "<td>1\u{202F}234</td><td>5</td><td>1</td></tr>"))
        #expect(!page(twoStages).contains("class=\"switches\""))
    }

    @Test func theTrialsStandInATableWithWhatTheyFound() {
        let html = page(triedPolicies())
        #expect(html.contains("<th scope=\"col\">td-pipe</th><th scope=\"col\">hybrid+chunk=512</th>"))
        #expect(
            html.contains(
                "<tr><th scope=\"row\">1</th><td><a href=\"#t=0.000000-0.010000\">0.000 s</a></td>"
                    + "<td class=\"text\">start</td><td>1.000</td><td>stalled</td><td class=\"text\">td-pipe</td>"
                    + "<td>1\u{202F}234</td><td>40</td><td>32</td><td>0</td></tr>"))
        #expect(
            html.contains(
                "<tr><th scope=\"row\">2</th><td><a href=\"#t=0.490000-0.510000\">0.500 s</a></td>"
                    + "<td class=\"text\">answers ended</td><td>1.000</td><td>1.250</td>"
                    + "<td class=\"text\"><b>hybrid+chunk=512</b></td>"))
        #expect(html.contains("<tr><th scope=\"row\">3</th>"))
        #expect(!page(twoStages).contains("class=\"trials\""))
        let hostile = page(triedPolicies(second: "<img src=x>"))
        #expect(!hostile.contains("<img") && hostile.contains("<b>&lt;img src=x&gt;</b>"))
    }

    @Test func onlyTheFirstSwitchesAreListed() {
        let steps = (0..<300).map { place in
            let phase: Phase = place % 2 == 0 ? .prefill : .decode
            return step(
                place, phase, dispatched: place, retired: place + 1,
                decision: PhaseDecision(to: phase, reason: .threshold, waiting: 1, decoding: 1))
        }
        let html = page(recording(stages: 1, steps: steps, spans: (0..<300).map { span(0, $0, $0, $0 + 1) }))
        #expect(html.contains("The first 200 of 300 phase switches"))
        #expect(html.components(separatedBy: "<a href=").count == 201)
    }

    @Test func aHundredThousandMicroBatchesMakeASmallPage() throws {
        let long = SimulatedRun(requests: 100_000, stages: 4, limit: 100_000).recording
        try #require(long.steps.count == 100_000)
        let html = page(long)
        // Each has eight spans, so this is less than 15 bytes a span.
        #expect(html.utf8.count < 12_000_000)
        let data = try data(in: html)
        let stages = try #require(data["stages"] as? [[String: Any]])
        let edges = try column("edges", in: stages[3])
        #expect(edges.count == 400_000)
        #expect(zip(edges, edges.dropFirst()).allSatisfy { $0 <= $1 })
        let tick = try #require(data["secondsPerTick"] as? Double)
        let last = try #require(long.spans.last { $0.stage == StageID(3) })
        let origin = try #require(data["origin"] as? Double)
        #expect((Double(edges[399_999]) * tick + origin - last.end.seconds).magnitude <= tick)
    }
}
