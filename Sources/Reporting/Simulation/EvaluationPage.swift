/// An evaluation as one HTML page that needs neither network nor script: what is reproduced of the published figures and
/// what is not, the ratios next to the published ones, bars for each model and cluster, and the ablations.
package struct EvaluationPage: Sendable {
    private let report: EvaluationReport

    /// Any text is safe in the report.
    package init(report: EvaluationReport) { self.report = report }

    /// The whole page.
    package var html: String {
        let title = TextEncodings.html(report.title)
        let setting = [RunSummary.Line(label: "command line", value: report.commandLine)] + report.setting
        let tables = EvaluationTables(report: report)
        func section(_ table: EvaluationTables.Table) -> String {
            "<h2>\(TextEncodings.html(table.title))</h2>\n"
                + PageFrame.table(header: table.header, rows: table.rows, naming: table.naming)
        }
        return PageFrame.page(
            title: report.title, heading: "\(title) <small>simulated</small>",
            sections: [headline, PageFrame.list(setting)] + tables.all.prefix(1).map(section) + bars
                + tables.all.dropFirst().map(section) + tables.failures.map { PageFrame.hint($0) } + [
                    PageFrame.hint(
                        "Simulated, not measured: stage times are those of a model of the hardware, and every method "
                            + "runs on this engine's own scheduler.")
                ])
    }

    /// What is reproduced and what is not.
    private var headline: String {
        guard !report.findings.isEmpty else { return "<p class=\"headline\">There is nothing to compare.</p>" }
        return report.findings.map { "<p>\(TextEncodings.html($0))</p>" }.joined(separator: "\n")
    }

    /// A plot for each model and cluster in which at least one method fitted.
    private var bars: [String] {
        var places: [(model: String, cluster: String)] = []
        for cell in report.cells
        where cell.figures != nil && !places.contains(where: { $0 == (cell.model, cell.cluster) }) {
            places.append((cell.model, cell.cluster))
        }
        return places.map { place in
            let cells = report.cells.filter { ($0.model, $0.cluster) == place }
            let rows = cells.map { cell in
                guard let figures = cell.figures else { return BarPlot.Row(label: cell.method, note: "does not fit") }
                let text = Quantities.rate(figures.totalTokensPerSecond, unit: "tok")
                return BarPlot.Row(
                    label: cell.method,
                    pieces: [
                        .init(value: figures.totalTokensPerSecond, style: "bar", tip: "\(cell.method): \(text)")
                    ], note: "\(text), bubble \(Quantities.percent(figures.bubbleRatio, digits: 1))")
            }
            return BarPlot(
                title: "\(place.model) on \(place.cluster)", unit: "prompt and output tokens a second", rows: rows
            ).markup
        }
    }
}
