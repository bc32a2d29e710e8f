import Scheduling

/// A benchmark as one HTML page that needs neither network nor script: model, machine and workload, the plots, and the
/// comparison as a table.
package struct BenchmarkPage: Sendable {
    /// One run of one label, for the plot of micro-batch sizes.
    package struct Recording: Sendable {
        package let label: String
        package let recording: RunRecording

        package init(label: String, recording: RunRecording) {
            self.label = label
            self.recording = recording
        }
    }

    private let report: BenchmarkReport
    private let recordings: [Recording]
    private let groups: [BenchmarkGroup]

    /// Any text is safe in the report. Without recordings the plot of micro-batch sizes is left out.
    package init(report: BenchmarkReport, recordings: [Recording] = []) {
        self.report = report
        self.recordings = recordings
        groups = BenchmarkGroup.groups(of: report.runs)
    }

    /// The whole page.
    package var html: String {
        let model = TextEncodings.html(report.model)
        let plots = BenchmarkPlots(groups: groups)
        let sizes = BatchSizePlot(recordings: recordings)
        let results = groups.isEmpty ? [] : [plots.throughput, plots.bubble, plots.latency, sizes.markup, tables]
        return PageFrame.page(
            title: "Benchmark: \(report.model)", style: PageAssets.reportStyle,
            heading: "Benchmark of \(policies) <small>\(model)</small>", sections: [headline, setting] + results)
    }

    private var policies: String {
        groups.count == 1 ? TextEncodings.html(groups[0].label) : "\(groups.count) policies"
    }

    /// The result in a sentence; empty without a run.
    private var headline: String {
        let ranked = groups.sorted { $0.totalTokensPerSecond > $1.totalTokensPerSecond }
        guard let best = ranked.first else { return "<p class=\"headline\">No run was made.</p>" }
        let repeats = best.runs.count
        var text =
            "<b>\(TextEncodings.html(best.label))</b>: \(Quantities.rate(best.totalTokensPerSecond, unit: "tok"))"
        if repeats > 1 { text += " in the median of \(repeats) repeats" }
        if let next = ranked.dropFirst().first, next.totalTokensPerSecond > 0 {
            let ratio = Quantities.fixed(best.totalTokensPerSecond / next.totalTokensPerSecond, digits: 3)
            text += ", \(ratio) times <b>\(TextEncodings.html(next.label))</b>, the next"
        }
        if let wins = best.wins { text += "; the fastest in \(wins) of \(repeats) repeats" }
        return "<p class=\"headline\">\(text).</p>"
    }

    private var setting: String {
        var items = [
            ("command line", "<code>\(TextEncodings.html(report.commandLine))</code>"),
            ("machine", TextEncodings.html(report.machine.line)),
            ("model", TextEncodings.html(report.model)),
            ("workload", TextEncodings.html(report.workload)),
        ]
        if let figures = report.runs.first?.figures {
            let threads = "\(figures.threads) \(figures.threads == 1 ? "thread" : "threads")"
            items.append(("pipeline", "\(figures.stages) \(figures.stages == 1 ? "stage" : "stages"), \(threads) each"))
            items.append(("KV pool", "\(Quantities.grouped(figures.kvBlocksTotal)) blocks"))
        }
        let lines = items.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" }
        return "<dl>\n\(lines.joined(separator: "\n"))\n</dl>"
    }

    /// The comparison of `BenchmarkTable`, in two tables.
    private var tables: String {
        let columns = BenchmarkColumn.all(for: groups, style: .unicode)
        let tables = BenchmarkColumn.Block.allCases.map { block in
            let columns = columns.filter { $0.block == block }
            let head = columns.map { "<th scope=\"col\">\(TextEncodings.html($0.title))</th>" }.joined()
            let rows = groups.map { group in
                let cells = columns.map { "<td>\(TextEncodings.html($0.cell(group)))</td>" }.joined()
                return "<tr><th scope=\"row\">\(TextEncodings.html(group.label))</th>\(cells)</tr>"
            }
            return "<div class=\"scroll\"><table>\n<thead><tr><td></td>\(head)</tr></thead>\n<tbody>\n"
                + rows.joined(separator: "\n") + "\n</tbody>\n</table></div>"
        }
        return tables.joined(separator: "\n") + """

            <p class="hint">Speeds, latencies, imbalance and counts are medians over the repeats, idle shares are means.
            The bound is the busy time of all stages over their number: no order of the same work takes less. Imbalance
            is the standard deviation over the mean among the micro-batches with decode steps that circulate
            together.</p>
            """
    }
}
