/// A survey as one HTML page that needs neither network nor script: which kind of plan is the fastest how often, a plot of
/// all methods in all settings, how each method did, and all figures as tables.
package struct SurveyPage: Sendable {
    private let report: SurveyReport

    /// Any text is safe in the report.
    package init(report: SurveyReport) { self.report = report }

    /// The whole page.
    package var html: String {
        let tables = SurveyTables(report: report)
        let (standings, ratios, rates) = (tables.standings, tables.ratios, tables.rates)
        let lines = [
            RunSummary.Line(label: "command line", value: report.commandLine),
            .init(label: "settings", value: report.source),
        ]
        let remarks = report.remarks.map { "<p>\(TextEncodings.html($0))</p>" }
        return PageFrame.page(
            title: "Survey: \(report.source)",
            heading:
                "Survey <small>\(report.methods.count) methods in \(report.rows.count) settings, simulated</small>",
            sections: [
                "<p class=\"headline\">\(TextEncodings.html(report.verdict))</p>", PageFrame.list(lines), plot, shapes,
                "<h2>Each method in all settings</h2>",
                PageFrame.table(header: standings.header, rows: standings.rows),
                "<h2>Tokens a second over those of the fastest method</h2>",
                PageFrame.table(header: ratios.header, rows: ratios.rows, naming: tables.naming + 1),
                "<h2>Prompt and output tokens a second (bubble)</h2>",
                PageFrame.table(header: rates.header, rows: rates.rows, naming: tables.naming),
            ] + (remarks.isEmpty ? [] : ["<h2>Remarks</h2>"]) + remarks + [
                PageFrame.hint(
                    "Simulated, not measured: stage times are those of a model of the hardware. All methods of a setting "
                        + "have the same requests. Methods that tie for the fastest all count as the fastest.")
            ])
    }

    private var plot: String {
        guard report.rows.contains(where: { $0.best != nil }) else { return "" }
        return RatioPlot(
            title: "How near each method comes to the fastest of its setting",
            unit: "tokens a second over those of the fastest method; the axis need not begin at 0",
            methods: report.methods.map { ($0.label, Self.shape(of: $0.kind)) },
            rows: report.rows.enumerated().map { place, row in
                RatioPlot.Row(label: report.name(ofRow: place), marks: marks(of: row), note: note(of: row))
            }
        ).markup
    }

    private func marks(of row: SurveyReport.Row) -> [RatioPlot.Mark] {
        row.cells.enumerated().compactMap { method, cell in
            guard let figures = cell.figures else { return nil }
            let rate = Quantities.rate(figures.totalTokensPerSecond, unit: "tok")
            let ratio = Quantities.fixed(figures.ofBest, digits: 3)
            return RatioPlot.Mark(
                method: method, ratio: figures.ofBest, shape: Self.shape(of: figures.kind),
                tip: "\(report.methods[method].label) on \(figures.plan): \(ratio) of the fastest, \(rate), bubble "
                    + Quantities.percent(figures.bubbleRatio, digits: 1))
        }
    }

    private func note(of row: SurveyReport.Row) -> String {
        guard let best = row.best, let figures = row.cells[best].figures else { return "nothing could be run" }
        let missing = row.cells.count { $0.figures == nil }
        return report.methods[best].label + " " + Quantities.rate(figures.totalTokensPerSecond, unit: "tok")
            + (missing > 0 ? ", \(missing) not run" : "")
    }

    private var shapes: String {
        let kinds = Set(report.rows.flatMap { $0.cells.compactMap(\.figures?.kind) })
        guard !kinds.isEmpty else { return "" }
        let names = PlanKind.allCases.filter(kinds.contains).map { kind in
            switch kind {
            case .pipeline: "Circles: a pipeline with a stage for each device."
            case .tensor: "Squares: all devices share every matrix (tensor parallelism)."
            case .mixed: "Triangles: stages of several devices that share matrices."
            }
        }
        return PageFrame.hint(
            names.joined(separator: " ")
                + " The fastest method of a row is named behind it, with its tokens a second. Each method has a height of "
                + "its own in the rows, so that marks do not hide each other.")
    }

    private static func shape(of kind: PlanKind) -> SVG.Shape {
        switch kind {
        case .pipeline: .circle
        case .tensor: .square
        case .mixed: .triangle
        }
    }
}
