import Foundation
import Reporting
import Testing

@Suite struct SimulationReportTests {
    private func row(
        _ label: String, value: String? = nil, tokensPerSecond: Double = 500
    ) -> SimulationReport.Row {
        SimulationReport.Row(value: value, label: label, run: benchmarkRun(label, tokensPerSecond: tokensPerSecond))
    }

    private func report(_ rows: [SimulationReport.Row], swept: String? = nil) -> SimulationReport {
        SimulationReport(
            commandLine: "tideway simulate", title: "tiny on 4xL20", setting: [.init(label: "seed", value: "7")],
            members: [.init("seed", .string("7"))], sweptKey: swept, rows: rows)
    }

    private var swept: SimulationReport {
        report(
            ["1", "2"].flatMap { value in
                [
                    row("hybrid", value: value, tokensPerSecond: 250),
                    row("td-pipe", value: value, tokensPerSecond: value == "1" ? 500 : 1000),
                ]
            }, swept: "rate")
    }

    private func count(_ needle: String, in text: String) -> Int { text.components(separatedBy: needle).count - 1 }

    @Test func theTableHasARowAPolicy() {
        let lines = SimulationTable(report: report([row("td-pipe"), row("hybrid", tokensPerSecond: 400)]))
            .rendered(style: .ascii).split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines[2].hasPrefix("td-pipe      -          500    1.000           125   6.3 %"), "\(lines[2])")
        #expect(lines[3].contains("0.800") && lines[3].contains("0.50 / 2.00") && lines[3].contains("75 %"))
        #expect(!lines[0].contains("in SLO") && !lines[0].contains("goodput") && !lines[0].contains("refused"))
        #expect(SimulationTable(report: report([])).rendered().isEmpty)
    }

    @Test func chunksAndGapsHaveTheirColumns() throws {
        var row = row("td-pipe")
        row.prefillChunk = 2048
        row.run?.tokenGaps = TokenGaps(p50: 0.03125, p99: 0.5, longest: 7.5)
        let text = SimulationTable(report: report([row, self.row("hybrid")])).rendered(style: .ascii)
        #expect(text.contains("chunk") && text.contains("gap P50 / P99 / max ms"))
        #expect(text.contains("2,048") && text.contains("31.3 / 500 / 7,500"), "\(text)")
        let html = SimulationPage(report: report([row, self.row("hybrid")])).html
        #expect(html.contains("Time from a token to the next") && html.contains(", at most 7.50 s"))
        let root = try object(SimulationJSON(report: report([row, self.row("hybrid")])).text)
        let runs = try #require(root["runs"] as? [[String: Any]])
        #expect(runs[0]["token_gap_p50_seconds"] as? Double == 0.03125)
        #expect(runs[0]["token_gap_p99_seconds"] as? Double == 0.5)
        #expect(runs[0]["token_gap_max_seconds"] as? Double == 7.5)
        #expect(runs[1]["token_gap_max_seconds"] is NSNull)
    }

    @Test func theBestIsThatOfItsOwnValue() {
        let lines = SimulationTable(report: swept).rendered(style: .ascii).split(separator: "\n")
        #expect(lines[0].hasPrefix("rate  policy"))
        #expect(lines[2].contains("0.500") && lines[3].contains("1.000"))
        #expect(lines[4].contains("0.250") && lines[5].contains("1.000"))
    }

    @Test func columnsComeWithWhatTheyTell() {
        var (one, other) = (row("a"), row("b"))
        one.attainment = 0.875
        one.goodput = .init(requestsPerSecond: 2.5, attainment: 0.9, isOpen: false)
        other.goodput = .init(requestsPerSecond: 100_000, attainment: 1, isOpen: true)
        other.refused = 3
        let text = SimulationTable(report: report([one, other])).rendered(style: .ascii)
        for word in ["in SLO", "87.5 %", "goodput req/s", "2.50", ">", "refused"] {
            #expect(text.contains(word), "\(word)")
        }
    }

    @Test func whatDidNotRunIsNotSkipped() throws {
        let failed = SimulationReport.Row(value: "tp4", label: "hybrid", failure: "it does not fit\nat all")
        let report = report([row("hybrid", value: "pp4"), failed], swept: "parallel")
        let text = SimulationTable(report: report).rendered()
        #expect(text.contains("not run: parallel tp4, hybrid: it does not fit at all\n"))
        let html = SimulationPage(report: report).html
        #expect(html.contains("Not run: parallel tp4, hybrid: it does not fit"))
        let root = try object(SimulationJSON(report: report).text)
        #expect((root["runs"] as? [Any])?.count == 1)
        let missing = try #require((root["not_run"] as? [[String: Any]])?.first)
        #expect(missing["value"] as? String == "tp4" && missing["label"] as? String == "hybrid")
        let nothing = SimulationPage(report: self.report([.init(label: "a", failure: "no")])).html
        #expect(nothing.contains("Nothing could be run."))
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func theJSONHasTheKeysOfARun() throws {
        var row = row("td-pipe", value: "2")
        row.attainment = 0.5
        row.goodput = .init(requestsPerSecond: 3, attainment: 0.95, isOpen: false)
        let root = try object(SimulationJSON(report: report([row], swept: "rate")).text)
        #expect((root["simulation"] as? [String: Any])?["seed"] as? String == "7")
        #expect(root["swept"] as? String == "rate")
        let run = try #require((root["runs"] as? [[String: Any]])?.first)
        for key in [
            "policy", "stages", "threads", "requests", "prompt_tokens", "output_tokens", "wall_seconds",
            "total_tokens_per_second", "output_tokens_per_second", "bubble_ratio", "stage_busy_seconds",
            "phase_switches", "preemptions", "recomputed_tokens", "kv_blocks_total", "kv_blocks_peak", "peak_rss_bytes",
            "label", "bubble_by_cause",
        ] { #expect(run[key] != nil, "\(key)") }
        #expect(run["value"] as? String == "2" && run["slo_share"] as? Double == 0.5)
        #expect(run["goodput_requests_per_second"] as? Double == 3 && run["refused_requests"] as? Int == 0)
    }

    @Test func aSweepIsDrawnAsCurves() throws {
        let html = SimulationPage(report: swept).html
        // Throughput, bubble and two latencies, each with two curves of two points.
        #expect(count("class=\"curve series-0\"", in: html) == 4 && count("class=\"curve series-1\"", in: html) == 4)
        #expect(html.contains("<title>td-pipe, rate 2: 1\u{202F}000 tok/s</title>"))
        #expect(html.contains("<b>td-pipe</b> at rate 2: 1\u{202F}000 tok/s."))
        #expect(!html.contains("Goodput") && !html.contains("Throughput: "))
        // Twice the tokens are twice as high above the axis.
        let heights = try html.matches(of: #/<circle cx="[0-9.]+" cy="([0-9.]+)" r="4" class="series-1">/#).prefix(2)
            .map {
                264 - (try #require(Double($0.output.1)))
            }
        #expect(abs(heights[1] / heights[0] - 2) < 0.01)
        let words = report(["pp4", "tp4"].map { row("hybrid", value: $0) }, swept: "parallel")
        #expect(SimulationPage(report: words).html.contains(">tp4</text>"))
    }

    @Test func oneSetOfPoliciesIsDrawnAsBars() {
        let recording = BenchmarkPage.Recording(
            label: "td-pipe", recording: SimulatedRun(requests: 60, stages: 2).recording)
        let html = SimulationPage(
            report: report([row("td-pipe"), row("hybrid", tokensPerSecond: 400)]), recordings: [recording]
        ).html
        #expect(count("class=\"bar\"><title>", in: html) == 2 && html.contains("class=\"mean\""))
        #expect(html.contains("<b>td-pipe</b>: 500 tok/s, 1.250 times <b>hybrid</b>, the next."))
        #expect(html.contains("<code>") || html.contains("<dd>tideway simulate</dd>"))
    }

    @Test func namesCannotLeaveTheirPlace() {
        let hostile = "</script><img src=x onerror=alert(1)>&\"'<!--\u{0}"
        var hostileReport = report(
            [row(hostile, value: hostile), .init(value: "x", label: hostile, failure: hostile)], swept: hostile)
        hostileReport.title = hostile
        hostileReport.commandLine = hostile
        let pages = [
            SimulationPage(report: hostileReport).html, EvaluationPage(report: evaluationReport(hostile)).html,
            replayReport(hostile).html,
        ]
        for html in pages {
            for needle in ["<img", "<script", "</script", "\u{0}", "http://", "https://", "url(", "@import", "<link"] {
                #expect(!html.contains(needle), "\(needle)")
            }
            #expect(html.contains("default-src 'none'; style-src 'unsafe-inline'\">"))
        }
    }
}

/// Two methods in two places, in one of which nothing fits.
func evaluationReport(_ name: String = "tiny") -> EvaluationReport {
    func figures(_ rate: Double) -> EvaluationReport.Figures {
        .init(
            totalTokensPerSecond: rate, bubbleRatio: 0.125, phaseSwitches: 3, preemptions: 2, recomputedTokens: 100,
            blocks: 64)
    }
    return EvaluationReport(
        commandLine: name, title: name, subject: "ours", setting: [.init(label: "the seed", value: name)],
        findings: ["theirs: not reproduced by \(name)."],
        cells: [
            .init(model: name, cluster: "4xA", method: "theirs", figures: figures(200)),
            .init(model: name, cluster: "4xA", method: "ours", figures: figures(500)),
            .init(model: name, cluster: "1xA", method: "theirs", figures: nil, failure: "too large"),
            .init(model: name, cluster: "1xA", method: "ours", figures: nil, failure: "too large"),
        ],
        ratios: [.init(over: "theirs", best: 2.5, least: 1.5, place: "\(name) on 4xA", published: 1.91)],
        ablations: [
            .init(part: "stealing", label: "off", place: "\(name) on 4xA", figures: figures(400), ofWhole: 0.8)
        ])
}

func replayReport(_ label: String = "hybrid") -> ReplayReport {
    var figures = benchmarkRun(label).figures
    figures.extras = []
    return ReplayReport(
        commandLine: label, setting: [.init(label: "model", value: label)],
        rows: [.init(label: label, repetition: 1, realSeconds: 10, realBubble: 0.125, simulated: figures)])
}

@Suite struct EvaluationReportTests {
    @Test func theTableHasRatiosCellsAndAblations() {
        let text = EvaluationTable(report: evaluationReport()).rendered(style: .ascii)
        #expect(text.hasPrefix("theirs: not reproduced by tiny.\n"), "what is not reproduced comes first")
        #expect(text.contains("theirs      1.50     2.50                1.91  tiny on 4xA"), "\(text)")
        #expect(text.contains("200 (12.5 %) 1:2.50") && text.contains("500 (12.5 %)"))
        #expect(text.contains("does not fit         does not fit"))
        #expect(text.components(separatedBy: "too large").count == 2, "each reason once")
        #expect(text.contains("0.800"))
    }

    @Test func thePageAndTheJSONHaveTheSame() throws {
        let html = EvaluationPage(report: evaluationReport()).html
        let (finding, table) = (html.range(of: "not reproduced by tiny"), html.range(of: "<td>2.50</td>"))
        #expect(try #require(finding).lowerBound < (try #require(table)).lowerBound)
        #expect(html.components(separatedBy: "class=\"bar\"><title>").count == 3)
        let text = EvaluationJSON(report: evaluationReport()).text
        let root = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let runs = try #require(root["runs"] as? [[String: Any]])
        #expect(runs.count == 4 && runs[1]["total_tokens_per_second"] as? Double == 500)
        #expect(runs[2]["error"] as? String == "too large" && runs[2]["bubble_ratio"] == nil)
        #expect((root["simulation"] as? [String: Any])?["the_seed"] as? String == "tiny")
        #expect(root["findings"] as? [String] == ["theirs: not reproduced by tiny."])
        let ratio = try #require((root["ratios"] as? [[String: Any]])?.first)
        #expect(ratio["best"] as? Double == 2.5 && ratio["least"] as? Double == 1.5)
        #expect(ratio["published"] as? Double == 1.91)
        #expect((root["ablations"] as? [[String: Any]])?.first?["of_whole"] as? Double == 0.8)
    }

    @Test func aReplayTellsItsErrors() throws {
        // 8 simulated seconds and a bubble of 6.25 % against 10 s and 12.5 %.
        let report = replayReport()
        let text = report.table(style: .ascii)
        #expect(text.contains("10.00         8.00  -20.0 %"), "\(text)")
        #expect(text.contains("largest errors: makespan 20.0 %, bubble 6.3 points"), "\(text)")
        let root = try #require(
            try JSONSerialization.jsonObject(with: Data(report.json.indented.utf8)) as? [String: Any])
        let run = try #require((root["runs"] as? [[String: Any]])?.first)
        #expect(abs((run["makespan_error"] as? Double ?? 0) + 0.2) < 1e-12)
        #expect(run["bubble_error"] as? Double == -0.0625 && run["real_wall_seconds"] as? Double == 10)
        for key in ["real_profile_ratio", "scaled_wall_seconds", "scaled_makespan_error", "scaled_bubble_error"] {
            #expect(run[key] is NSNull, "\(key)")
        }
        #expect(ReplayReport(commandLine: "", setting: [], rows: []).table().isEmpty)
    }

    @Test func aReplayAtTheSpeedOfTheRunStandsBesideThePlainOne() throws {
        var report = replayReport()
        var figures = report.rows[0].simulated
        (figures.wallSeconds, figures.bubbleRatio) = (9.7, 0.12)
        report.rows[0].scaled = .init(ratio: 1.25, simulated: figures)
        let old = replayReport("older").rows[0]
        report.rows.append(old)
        let rows = report.table(style: .ascii).split(separator: "\n").map {
            $0.split(separator: " ").joined(separator: " ")
        }
        #expect(rows.contains("hybrid 1 10.00 8.00 -20.0 % 1.250 9.70 -3.0 % 12.5 % 6.3 % -6.3"), "\(rows)")
        #expect(rows.contains("older 1 10.00 8.00 -20.0 % - - - 12.5 % 6.3 % -6.3"), "\(rows)")
        #expect(rows.last == "largest errors: makespan 20.0 %, scaled to the run 3.0 %, bubble 6.3 points")
        let root = try #require(
            try JSONSerialization.jsonObject(with: Data(report.json.indented.utf8)) as? [String: Any])
        let run = try #require((root["runs"] as? [[String: Any]])?.first)
        #expect(run["wall_seconds"] as? Double == 8 && run["scaled_wall_seconds"] as? Double == 9.7)
        #expect(run["real_profile_ratio"] as? Double == 1.25 && run["scaled_bubble_ratio"] as? Double == 0.12)
        #expect(abs((run["scaled_makespan_error"] as? Double ?? 0) + 0.03) < 1e-12)
        #expect(abs((run["scaled_bubble_error"] as? Double ?? 0) + 0.005) < 1e-12)
        #expect(report.html.contains(">9.70<"))
    }
}
