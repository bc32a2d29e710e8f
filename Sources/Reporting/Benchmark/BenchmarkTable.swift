/// The comparison of a benchmark's policies for a terminal: one row per label, in the order in which the labels first
/// ran.
///
/// Speeds, latencies, imbalance and counts are medians over the repeats; bubble ratio and causes are means, so that the
/// causes add up. `of best` is the ratio of the total tokens per second to the highest median. `wins` counts the
/// repeats in which the label was the fastest; it needs two or more labels, and repeats. `wall/bound` is the wall time
/// over the busy time per stage. `imbalance` is the imbalance within rounds of micro-batches, see `DecodeImbalance`.
package struct BenchmarkTable: Sendable {
    private let runs: [BenchmarkRun]

    package init(runs: [BenchmarkRun]) {
        self.runs = runs
    }

    /// One table, or two tables with the same rows, speeds and latencies first, if one would be wider than `width`
    /// columns, or more tables if two would still be too wide. Every table has the labels and at least one figure. Ends
    /// with a newline; empty without runs.
    package func rendered(style: TextStyle = .unicode, width: Int = 150) -> String {
        let groups = BenchmarkGroup.groups(of: runs)
        guard !groups.isEmpty else { return "" }
        let columns = BenchmarkColumn.all(for: groups, style: style)
        func text(_ columns: [BenchmarkColumn]) -> String { Self.table(groups, columns).rendered(style: style) }
        func fits(_ text: String) -> Bool {
            text.split(separator: "\n").allSatisfy { String($0).displayWidth <= width }
        }
        let whole = text(columns)
        if fits(whole) { return whole }
        var tables: [[BenchmarkColumn]] = []
        for block in BenchmarkColumn.Block.allCases {
            tables.append([])
            for column in columns where column.block == block {
                let last = tables.count - 1
                if tables[last].isEmpty || fits(text(tables[last] + [column])) {
                    tables[last].append(column)
                } else {
                    tables.append([column])
                }
            }
        }
        return tables.map(text).joined(separator: "\n")
    }

    private static func table(_ groups: [BenchmarkGroup], _ columns: [BenchmarkColumn]) -> TextTable {
        TextTable(
            header: ["policy"] + columns.map(\.title),
            rows: groups.map { group in [group.label] + columns.map { $0.cell(group) } })
    }
}
