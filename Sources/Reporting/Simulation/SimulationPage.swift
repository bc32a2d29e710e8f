import Scheduling

/// A simulation as one HTML page that needs neither network nor script: what was simulated, plots, and all figures as a
/// table. A sweep is drawn as curves.
package struct SimulationPage: Sendable {
    private let report: SimulationReport
    private let recordings: [BenchmarkPage.Recording]

    /// Any text is safe in the report. Without recordings the plot of micro-batch sizes is left out.
    package init(report: SimulationReport, recordings: [BenchmarkPage.Recording] = []) {
        self.report = report
        self.recordings = recordings
    }

    /// The whole page.
    package var html: String {
        let title = TextEncodings.html(report.title)
        let setting = [RunSummary.Line(label: "command line", value: report.commandLine)] + report.setting
        let plots = report.rows.contains { $0.run != nil } ? SimulationPlots(report: report).markup : []
        return PageFrame.page(
            title: "Simulation: \(report.title)", heading: "Simulation <small>\(title)</small>",
            sections: [headline, PageFrame.list(setting)] + plots + [
                BatchSizePlot(recordings: recordings).markup, table, failures,
                PageFrame.hint(
                    "Simulated, not measured: stage times are those of a model of the hardware. Latencies count from each "
                        + "request's arrival. KV peak is the largest share of the KV blocks in use."),
            ])
    }

    /// The result in a sentence.
    private var headline: String {
        let ranked = report.rows.filter { $0.run != nil }.sorted { rate($0) > rate($1) }
        guard let best = ranked.first else { return "<p class=\"headline\">Nothing could be run.</p>" }
        var text = "<b>\(TextEncodings.html(best.label))</b>"
        if let key = report.sweptKey, let value = best.value {
            text += " at \(TextEncodings.html(key)) \(TextEncodings.html(value))"
        }
        text += ": \(Quantities.rate(rate(best), unit: "tok"))"
        if report.sweptKey == nil, let next = ranked.dropFirst().first, rate(next) > 0 {
            let ratio = Quantities.fixed(rate(best) / rate(next), digits: 3)
            text += ", \(ratio) times <b>\(TextEncodings.html(next.label))</b>, the next"
        }
        return "<p class=\"headline\">\(text).</p>"
    }

    private func rate(_ row: SimulationReport.Row) -> Double { row.run?.figures.totalTokensPerSecond ?? 0 }

    private var table: String {
        let columns = SimulationColumn.all(for: report, style: .unicode)
        let swept = report.sweptKey.map { [$0] } ?? []
        return PageFrame.table(
            header: swept + ["policy"] + columns.map(\.title),
            rows: report.rows.map { row in
                swept.map { _ in row.value ?? "" } + [row.label] + columns.map { $0.cell(row) }
            }, naming: swept.count + 1)
    }

    private var failures: String {
        report.failures.map { "<p>Not run: \(TextEncodings.html($0))</p>" }.joined(separator: "\n")
    }
}
