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
    private func column(_ path: String..., in object: [String: Any]) throws -> [UInt32] {
        var node: [String: Any] = object
        for key in path { node = try #require(node[key] as? [String: Any]) }
        let width = try #require(node["width"] as? Int)
        let text = try #require(node["data"] as? String)
        let bytes = try #require(Data(base64Encoded: text))
        try #require(bytes.count % width == 0)
        return stride(from: 0, to: bytes.count, by: width).map { start in
            bytes[start..<start + width].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
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
        #expect(try column("batches", "dispatched", in: data) == [0, 0, 35_000_000, 61_000_000])
        #expect(try column("states", "blocks", in: data) == [7, 11, 12, 4])
        #expect(try column("states", "live", in: data) == [2, 3, 3, 1])
        #expect(try column("states", "waiting", in: data) == [3, 2, 2, 2])
        let stages = try #require(data["stages"] as? [[String: Any]])
        #expect(stages.count == 2)
        #expect(try column("batch", in: stages[1]) == [0, 1, 2, 3])
        #expect(try column("begin", in: stages[1]) == [15_000_000, 27_000_000, 60_000_000, 75_000_000])
        #expect(try column("end", in: stages[1]) == [25_000_000, 35_000_000, 65_000_000, 85_000_000])
    }

    @Test(arguments: [1, 255, 256, 65_535, 65_536, 4_000_000_000]) func columnsHoldValuesOfAnyWidth(value: Int) throws {
        let one = recording(
            stages: 1, steps: [step(0, .prefill, prefill: value, retired: 1)], spans: [span(0, 0, 0, 1)])
        #expect(try column("batches", "prefill", in: try data(in: page(one))) == [UInt32(value)])
    }

    @Test func aLongRunTakesCoarserTicks() throws {
        // 20,000 s do not fit into 32 bits of nanoseconds.
        let long = recording(
            stages: 1, steps: [step(0, .prefill, retired: 20_000_000)], spans: [span(0, 0, 0, 20_000_000)])
        let data = try data(in: page(long))
        let tick = try #require(data["secondsPerTick"] as? Double)
        let stages = try #require(data["stages"] as? [[String: Any]])
        let ends = try column("end", in: stages[0])
        let end = try #require(ends.first)
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
        #expect(html.contains("<th scope=\"row\">stage 1</th><td>4</td><td>0.033 s</td><td>41.3 %</td>"))
        #expect(html.contains("Timeline of 4 micro-batches on\n2 stages"))
    }

    @Test func anEmptyRecordingMakesAPage() throws {
        let data = try data(in: page(recording(stages: 2, steps: [], spans: [])))
        #expect(try column("batches", "id", in: data).isEmpty)
        #expect(data["end"] as? Int == 1)
    }
}
