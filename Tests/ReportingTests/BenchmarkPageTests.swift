import Foundation
import Reporting
import Scheduling
import Testing

@Suite struct BenchmarkPageTests {
    private let runs = (1...3).flatMap { repetition in
        [
            benchmarkRun("td-pipe", repetition: repetition, tokensPerSecond: 500),
            benchmarkRun("hybrid", repetition: repetition, tokensPerSecond: 400),
        ]
    }

    private func count(_ needle: String, in text: String) -> Int { text.components(separatedBy: needle).count - 1 }

    @Test func theSettingAndTheResultStandAtTheTop() {
        let html = BenchmarkPage(report: benchmarkReport(runs, command: "tideway bench offline --repeat 3")).html
        #expect(html.contains("<code>tideway bench offline --repeat 3</code>"))
        #expect(html.contains("<dd>Example 9000, 2 cores, 8.0 GiB, avx2 kernels, Linux 6.1</dd>"))
        #expect(html.contains("<dd>tiny</dd>"))
        #expect(
            html.contains(
                "<b>td-pipe</b>: 500 tok/s in the median of 3 repeats, 1.250 times <b>hybrid</b>, the next; "
                    + "the fastest in 3 of 3 repeats."))
    }

    @Test func everyRepeatIsADotAndEveryCauseAPiece() {
        let html = BenchmarkPage(report: benchmarkReport(runs)).html
        for repetition in 1...3 {
            #expect(html.contains("<title>td-pipe, repeat \(repetition): 500 tok/s</title>"))
        }
        for cause in IdleCause.allCases {
            #expect(count("class=\"cause-\(cause.key)\"><title>", in: html) == 2, "\(cause)")
        }
        #expect(html.contains("<title>hybrid, starved: 3.13 %</title>"))
        #expect(html.contains("<title>hybrid: P50 31.3 ms, P99 62.5 ms</title>"))
    }

    /// Bars lie on one axis: as long as their values say.
    @Test func theBarsAreInProportion() throws {
        let html = BenchmarkPage(report: benchmarkReport(runs)).html
        let widths = try html.matches(of: #/<rect[^>]* width="([0-9.]+)"[^>]* class="bar">/#).map {
            try #require(Double($0.output.1))
        }
        try #require(widths.count == 2)
        #expect((widths[1] / widths[0] - 0.8).magnitude < 0.001)
    }

    @Test func theTableHasTheSameCells() {
        let html = BenchmarkPage(report: benchmarkReport(runs)).html
        #expect(html.contains("<th scope=\"row\">hybrid</th><td>400</td><td>400…400</td><td>0.800</td><td>100</td>"))
        #expect(html.contains("<td>6.3 %</td><td>0.0 %</td><td>3.1 %</td><td>1.6 %</td>"))
    }

    @Test func microBatchSizesAreDrawnForEachRecording() {
        let report = benchmarkReport(runs)
        let recordings = ["td-pipe", "hybrid"].map {
            BenchmarkPage.Recording(label: $0, recording: SimulatedRun(requests: 60, stages: 2).recording)
        }
        let html = BenchmarkPage(report: report, recordings: recordings).html
        #expect(count("class=\"mean\"", in: html) >= 2)
        #expect(count("class=\"prefill\"", in: html) >= 2)
        #expect(!BenchmarkPage(report: report).html.contains("class=\"mean\""))
        let empty = BenchmarkPage.Recording(label: "a", recording: recording(stages: 1, steps: [], spans: []))
        #expect(!BenchmarkPage(report: report, recordings: [empty]).html.contains("over time"))
    }

    @Test func aLongRecordingMakesASmallPlot() {
        let long = SimulatedRun(requests: 4000, stages: 2, limit: 100_000).recording
        let page = BenchmarkPage(
            report: benchmarkReport(runs), recordings: [.init(label: "td-pipe", recording: long)])
        #expect(long.steps.count > 20_000)
        #expect(page.html.utf8.count < 150_000)
    }

    @Test func namesCannotLeaveTheirPlace() {
        let hostile = "</script><img src=x onerror=alert(1)>&\"'<!--\u{0}</text>\u{202E}モデル"
        let html = BenchmarkPage(
            report: benchmarkReport([benchmarkRun(hostile)], model: hostile, command: hostile),
            recordings: [.init(label: hostile, recording: twoStages)]
        ).html
        #expect(!html.contains("<img"))
        #expect(!html.contains("<script"))
        #expect(!html.contains("</script"))
        #expect(!html.contains("\u{0}"))
        #expect(html.contains("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39;&lt;!--"))
    }

    @Test func thePageNeedsNoNetworkAndNoScript() {
        let html = BenchmarkPage(report: benchmarkReport(runs)).html
        for needle in ["http://", "https://", "src=", "url(", "@import", "<script", "<link"] {
            #expect(!html.contains(needle), "the page contains \(needle)")
        }
        #expect(html.contains("default-src 'none'; style-src 'unsafe-inline'\">"))
    }

    @Test func oddRunsMakeAPage() {
        #expect(BenchmarkPage(report: benchmarkReport([])).html.contains("No run was made."))
        var odd = benchmarkRun("odd", timeToFirstToken: nil, timePerOutputToken: nil)
        odd.figures.wallSeconds = 0
        odd.figures.stageBusySeconds = []
        odd.idleShares[.starved] = .nan
        let html = BenchmarkPage(report: benchmarkReport([odd])).html
        #expect(html.contains("<b>odd</b>: 0.00 tok/s"))
        #expect(!html.contains("Time to the first token"))
        var huge = benchmarkRun("huge", timeToFirstToken: LatencyPercentiles(p50: 1e300, p99: .infinity))
        huge.figures.wallSeconds = 1e-300
        #expect(BenchmarkPage(report: benchmarkReport([huge, odd])).html.contains("</html>"))
    }
}
