/// The tables of a survey, for a terminal and for its page.
struct SurveyTables {
    let report: SurveyReport
    var style = TextStyle.unicode

    /// The number of columns that name the setting of a row.
    var naming: Int { settingHeader.count }

    /// A row a setting: the fastest method, its tokens a second, and each method's ratio to it.
    var ratios: (header: [String], rows: [[String]]) {
        table(header: ["fastest", "tok/s"] + report.methods.map(\.label)) { row in
            let best = row.best.flatMap { place in
                row.cells[place].figures.map { (report.methods[place].label, $0.totalTokensPerSecond) }
            }
            return [best?.0 ?? "-", best.map { number($0.1) } ?? "-"]
                + row.cells.map { cell in
                    cell.figures.map { Quantities.fixed($0.ofBest, digits: 3) } ?? "-"
                }
        }
    }

    /// A row a setting, a column a method: tokens a second, and the bubble.
    var rates: (header: [String], rows: [[String]]) {
        table(header: report.methods.map(\.label)) { row in
            row.cells.map { cell in
                guard let figures = cell.figures else { return "-" }
                let bubble = Quantities.percent(figures.bubbleRatio, digits: 1)
                return "\(number(figures.totalTokensPerSecond)) (\(bubble))"
            }
        }
    }

    /// A row a method: how it did in all settings.
    var standings: (header: [String], rows: [[String]]) {
        (
            ["method", "fastest in", "of", "median of best", "least", "least in"],
            zip(report.methods, report.standings).map { method, standing in
                [
                    method.label, "\(standing.won)", "\(standing.ran)",
                    standing.ratios.map { Quantities.fixed($0.median, digits: 3) } ?? "-",
                    standing.ratios.map { Quantities.fixed($0.least, digits: 3) } ?? "-",
                    standing.ratios.map { report.name(ofRow: $0.leastRow) } ?? "",
                ]
            }
        )
    }

    private var settingHeader: [String] {
        let hasParticulars = report.rows.contains { !report.particulars(of: $0).isEmpty }
        return ["cluster", "model", "workload", "requests"] + (hasParticulars ? ["with"] : [])
    }

    private func table(
        header: [String], _ cells: (SurveyReport.Row) -> [String]
    ) -> (header: [String], rows: [[String]]) {
        let named = settingHeader.count
        return (
            settingHeader + header,
            report.rows.map { row in
                let setting = [
                    row.cluster, row.model, row.workload,
                    Quantities.grouped(row.requests, separator: style.groupSeparator),
                    report.particulars(of: row).joined(separator: " "),
                ]
                return setting.prefix(named) + cells(row)
            }
        )
    }

    private func number(_ value: Double) -> String {
        Quantities.number(value, separator: style.groupSeparator)
    }
}

/// A survey for a terminal: a row a setting with each method's ratio to the fastest, how each method did, and what could
/// not be run.
package struct SurveyTable: Sendable {
    private let report: SurveyReport

    package init(report: SurveyReport) { self.report = report }

    /// Ends with a newline.
    package func rendered(style: TextStyle = .unicode) -> String {
        let tables = SurveyTables(report: report, style: style)
        let (ratios, standings) = (tables.ratios, tables.standings)
        let parts = [
            "Tokens a second over those of the fastest method of each setting\n"
                + TextTable(header: ratios.header, rows: ratios.rows).rendered(style: style),
            TextTable(header: standings.header, rows: standings.rows).rendered(style: style),
            report.remarks.map { TextTable.onOneLine($0) + "\n" }.joined(), report.verdict + "\n",
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }
}
