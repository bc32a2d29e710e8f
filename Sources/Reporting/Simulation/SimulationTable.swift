/// A simulation for a terminal: a row per policy at each value of a sweep. `of best` is the ratio of the total tokens
/// per second to those of the fastest policy at the same value; `in SLO` is the share of the requests inside the
/// service level.
package struct SimulationTable: Sendable {
    private let report: SimulationReport

    package init(report: SimulationReport) { self.report = report }

    /// The table, and a line for each row that could not be run. Ends with a newline; empty without rows.
    package func rendered(style: TextStyle = .unicode) -> String {
        guard !report.rows.isEmpty else { return "" }
        let columns = SimulationColumn.all(for: report, style: style)
        let swept = report.sweptKey.map { [$0] } ?? []
        let table = TextTable(
            header: swept + ["policy"] + columns.map(\.title),
            rows: report.rows.map { row in
                swept.map { _ in row.value ?? "" } + [row.label] + columns.map { $0.cell(row) }
            })
        let failures = report.failures.map { "not run: \(TextTable.onOneLine($0))\n" }
        return table.rendered(style: style) + failures.joined()
    }
}
