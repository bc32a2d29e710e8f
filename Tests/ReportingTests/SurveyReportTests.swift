import Foundation
import Reporting
import Testing

@Suite struct SurveyReportTests {
    private func figures(_ rate: Double, of best: Double, _ kind: PlanKind, refused: Int = 0) -> SurveyReport.Cell {
        .run(
            .init(
                plan: kind == .pipeline ? "pp4" : kind == .tensor ? "tp4" : "tp2pp2", kind: kind,
                totalTokensPerSecond: rate, ofBest: rate / best, seconds: 10, bubbleRatio: 0.125, preemptions: 1,
                recomputedTokens: 50, blocks: 64, refused: refused))
    }

    /// Three methods in three settings, in the last of which nothing fits.
    private func report(_ name: String = "tiny", seeds: [UInt64] = [0, 0, 0]) -> SurveyReport {
        func row(
            _ place: Int, _ requests: Int, _ cells: [SurveyReport.Cell], best: Int?, extras: [RunSummary.Line] = []
        ) -> SurveyReport.Row {
            .init(
                cluster: "4xL20", model: name, workload: "sharegpt", requests: requests, seed: seeds[place],
                extras: extras, cells: cells, best: best)
        }
        let failure = SurveyReport.Cell.failure("\(name) is too large")
        return SurveyReport(
            commandLine: "tideway simulate survey \(name)", source: name,
            methods: [
                .init(label: "td-pipe", kind: .pipeline), .init(label: "hybrid@tp", kind: .tensor),
                .init(label: "\(name)@tp2pp2", kind: .mixed),
            ],
            rows: [
                row(
                    0, 64,
                    [
                        figures(250, of: 1000, .pipeline), figures(1000, of: 1000, .tensor),
                        figures(500, of: 1000, .mixed, refused: 3),
                    ], best: 1),
                row(
                    1, 5000, [figures(2000, of: 2000, .pipeline), figures(1500, of: 2000, .tensor), failure], best: 0,
                    extras: [.init(label: "weights", value: "fp8")]),
                row(2, 10, [failure, failure, failure], best: nil),
            ],
            standings: [
                .init(ran: 2, won: 1, ratios: .init(median: 0.625, least: 0.25, leastRow: 0)),
                .init(ran: 2, won: 1, ratios: .init(median: 0.875, least: 0.75, leastRow: 1)),
                .init(ran: 1, won: 0, ratios: .init(median: 0.5, least: 0.5, leastRow: 0)),
            ])
    }

    private func count(_ needle: String, in text: String) -> Int { text.components(separatedBy: needle).count - 1 }

    @Test func theTableHasARowASettingAndAColumnAMethod() {
        let lines = SurveyTable(report: report()).rendered(style: .ascii).split(separator: "\n").map {
            $0.split(separator: " ").joined(separator: " ")
        }
        #expect(
            lines[1] == "cluster model workload requests with fastest tok/s td-pipe hybrid@tp tiny@tp2pp2", "\(lines)")
        #expect(lines[3] == "4xL20 tiny sharegpt 64 hybrid@tp 1,000 0.250 1.000 0.500")
        #expect(lines[4] == "4xL20 tiny sharegpt 5,000 weights=fp8 td-pipe 2,000 1.000 0.750 -")
        #expect(lines[5] == "4xL20 tiny sharegpt 10 - - - - -")
        #expect(lines[6] == "method fastest in of median of best least least in")
        #expect(lines[8] == "td-pipe 1 2 0.625 0.250 4xL20, tiny, sharegpt 64")
        #expect(
            lines.last
                == "Of 2 settings, the fastest is a pipeline in 1, tensor parallelism in 1; by method, td-pipe in 1, "
                + "hybrid@tp in 1. In 1 more nothing could be run.")
    }

    @Test func whatDidNotRunIsToldOnceForEachReason() {
        let text = SurveyTable(report: report()).rendered()
        #expect(count("is too large", in: text) == 2)
        #expect(
            text.contains(
                "4xL20, tiny, sharegpt 10: td-pipe, hybrid@tp, tiny@tp2pp2 not run: tiny is too large\n"))
        #expect(text.contains("4xL20, tiny, sharegpt 64: tiny@tp2pp2 refused 3 requests\n"))
        var refused = report()
        refused.rows[0].cells = (0..<3).map { figures(100, of: 100, .pipeline, refused: $0 == 1 ? 2 : 1) }
        let remarks = SurveyTable(report: refused).rendered()
        #expect(remarks.contains("sharegpt 64: td-pipe, tiny@tp2pp2 refused 1 request\n"))
        #expect(remarks.contains("sharegpt 64: hybrid@tp refused 2 requests\n"))
        var nothing = report()
        nothing.rows = [nothing.rows[2]]
        nothing.standings = nothing.methods.map { _ in .init(ran: 0, won: 0, ratios: nil) }
        #expect(SurveyTable(report: nothing).rendered().hasSuffix("Nothing could be run.\n"))
        #expect(!SurveyPage(report: nothing).html.contains("<svg"))
    }

    @Test func seedsAreNamedWhereTheyDiffer() {
        #expect(!SurveyTable(report: report()).rendered().contains("seed"))
        #expect(SurveyTable(report: report(seeds: [0, 7, 0])).rendered().contains("seed 7 weights=fp8"))
    }

    @Test func theJSONHasAllFigures() throws {
        let text = SurveyJSON(report: report()).text
        let root = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let settings = try #require(root["settings"] as? [[String: Any]])
        #expect(settings.map { $0["fastest"] as? String } == ["hybrid@tp", "td-pipe", nil])
        #expect(settings[1]["others"] as? [String: String] == ["weights": "fp8"])
        let runs = try #require(settings[1]["runs"] as? [[String: Any]])
        #expect(runs[1]["of_best"] as? Double == 0.75 && runs[1]["total_tokens_per_second"] as? Double == 1500)
        #expect(runs[1]["parallel"] as? String == "tp4" && runs[2]["error"] as? String == "tiny is too large")
        let summary = try #require(root["summary"] as? [[String: Any]])
        #expect(summary.map { $0["fastest_in"] as? Int } == [1, 1, 0])
        #expect(summary[0]["median_of_best"] as? Double == 0.625)
        #expect(summary[0]["least_in"] as? String == "4xL20, tiny, sharegpt 64")
    }

    /// Each method has its colour, each kind of plan its shape, in the legend and in the rows.
    @Test func marksTellMethodsAndPlansApart() {
        let html = SurveyPage(report: report()).html
        #expect(count("<circle", in: html) == 1 + 2 && count("<path", in: html) == 1 + 1)
        // Two bands behind rows, and the squares.
        #expect(count("class=\"band\"", in: html) == 2 && count("<rect", in: html) == 2 + 1 + 2)
        #expect(count("class=\"series-0 edge\"", in: html) == 2 && count("class=\"series-1 edge\"", in: html) == 2)
        #expect(count("class=\"series-2 edge\"", in: html) == 1)
        let tip = "<title>tiny@tp2pp2 on tp2pp2: 0.500 of the fastest, 500 tok/s, bubble 12.5 %</title>"
        #expect(html.contains(tip))
        #expect(html.contains(">hybrid@tp 1\u{202F}000 tok/s</text>"))
        #expect(
            html.contains(">td-pipe 2\u{202F}000 tok/s, 1 not run</text>") && html.contains(">nothing could be run<"))
        for title in ["Each method in all settings", "(bubble)", "Remarks"] { #expect(html.contains(title)) }
        #expect(count("<table>", in: html) == 3)
    }

    /// The axis runs from the round ratio below the least mark to 1.
    @Test func placesAreProportionalToRatios() throws {
        let html = SurveyPage(report: report()).html
        let ticks = try html.matches(of: #/<text x="([0-9.]+)" y="70"[^>]*>([0-9.]+)</text>/#).map {
            (place: try #require(Double($0.output.1)), ratio: try #require(Double($0.output.2)))
        }
        #expect(ticks.map(\.ratio) == [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
        let first = try #require(ticks.first?.place)
        let last = try #require(ticks.last?.place)
        let dots = try html.matches(of: #/<circle cx="([0-9.]+)" [^>]*edge">/#).map {
            try #require(Double($0.output.1))
        }
        #expect(dots.count == 2)
        #expect(abs(dots[0] - (first + (0.25 - 0.2) / 0.8 * (last - first))) < 0.2 && abs(dots[1] - last) < 0.2)
    }

    /// Methods that are equally fast do not hide each other.
    @Test func eachMethodHasAHeightOfItsOwn() throws {
        var report = report()
        report.rows[0].cells = (0..<3).map { _ in figures(1000, of: 1000, .pipeline) }
        let heights = try SurveyPage(report: report).html.matches(of: #/cy="([0-9.]+)" r="5" class="series-\d edge"/#)
            .prefix(3).map { try #require(Double($0.output.1)) }
        #expect(heights.count == 3 && zip(heights, heights.dropFirst()).allSatisfy { $1 - $0 >= 4 })
    }

    @Test func namesCannotLeaveTheirPlace() {
        let html = SurveyPage(report: report("</script><img src=x onerror=alert(1)>&\"'<!--\u{0}")).html
        for needle in ["<img", "<script", "</script", "\u{0}", "http://", "https://", "url(", "@import", "<link"] {
            #expect(!html.contains(needle), "\(needle)")
        }
        #expect(html.contains("default-src 'none'; style-src 'unsafe-inline'\">"))
    }
}
