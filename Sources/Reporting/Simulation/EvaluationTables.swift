/// The tables of an evaluation, for a terminal and for its page.
struct EvaluationTables {
    struct Table {
        let title: String
        let header: [String]
        let rows: [[String]]
        /// The number of columns that name the row.
        let naming: Int
    }

    let report: EvaluationReport
    var style = TextStyle.unicode

    var all: [Table] { [ratios, cells, ablations].filter { !$0.rows.isEmpty } }

    /// The reasons why cells are empty, each once.
    var failures: [String] {
        var found: [String] = []
        for failure in report.cells.compactMap(\.failure) where !found.contains(failure) { found.append(failure) }
        return found
    }

    private var ratios: Table {
        Table(
            title: "How many times the tokens a second of each method \(report.subject) makes, on several devices",
            header: ["over", "at least", "at most", "published, at most", "at most on"],
            rows: report.ratios.map {
                [
                    $0.over, Quantities.fixed($0.least, digits: 2), Quantities.fixed($0.best, digits: 2),
                    $0.published.map { Quantities.fixed($0, digits: 2) } ?? "", $0.place,
                ]
            }, naming: 1)
    }

    /// A row per model and cluster, a column per method. A cell has the tokens per second, the bubble ratio, and the
    /// subject's tokens per second over the method's.
    private var cells: Table {
        let methods = distinct(report.cells.map(\.method))
        let places = distinct(report.cells.map { Place(model: $0.model, cluster: $0.cluster) })
        let rows = places.map { place in
            let row = methods.map { method in
                report.cells.first { $0.model == place.model && $0.cluster == place.cluster && $0.method == method }
            }
            let blocks = row.compactMap { $0?.figures?.blocks }
            let subject = row.first { $0?.method == report.subject }??.figures
            let range = blocks.min().map { least in
                let most = blocks.max() ?? least
                return least == most ? count(least) : "\(count(least))...\(count(most))"
            }
            return [place.model, place.cluster, range ?? "-"]
                + row.map { cell in
                    guard let cell else { return "-" }
                    guard let figures = cell.figures else { return "does not fit" }
                    let rate = Quantities.number(figures.totalTokensPerSecond, separator: style.groupSeparator)
                    let bubble = Quantities.percent(figures.bubbleRatio, digits: 1)
                    guard let subject, cell.method != report.subject, figures.totalTokensPerSecond > 0 else {
                        return "\(rate) (\(bubble))"
                    }
                    let ratio = subject.totalTokensPerSecond / figures.totalTokensPerSecond
                    return "\(rate) (\(bubble)) 1:\(Quantities.fixed(ratio, digits: 2))"
                }
        }
        return Table(
            title: "Total tokens a second (bubble) and how many times that \(report.subject) makes",
            header: ["model", "cluster", "KV blocks"] + methods, rows: rows, naming: 2)
    }

    private var ablations: Table {
        let places = distinct(report.ablations.map(\.place))
        let parts = distinct(report.ablations.map { Part(part: $0.part, label: $0.label) })
        return Table(
            title: "Total tokens a second with a part of \(report.subject) exchanged, over those of the whole",
            header: ["part", "exchanged"] + places,
            rows: parts.map { part in
                [part.part, part.label]
                    + places.map { place in
                        let found = report.ablations.first {
                            $0.part == part.part && $0.label == part.label && $0.place == place
                        }
                        return found.map { Quantities.fixed($0.ofWhole, digits: 3) } ?? "-"
                    }
            }, naming: 2)
    }

    private struct Place: Equatable {
        let model: String
        let cluster: String
    }

    private struct Part: Equatable {
        let part: String
        let label: String
    }

    private func count(_ value: Int) -> String { Quantities.grouped(value, separator: style.groupSeparator) }

    /// The distinct values, in the order of first appearance.
    private func distinct<Value: Equatable>(_ values: [Value]) -> [Value] {
        var found: [Value] = []
        for value in values where !found.contains(value) { found.append(value) }
        return found
    }
}

/// An evaluation for a terminal.
package struct EvaluationTable: Sendable {
    private let report: EvaluationReport

    package init(report: EvaluationReport) { self.report = report }

    /// What is reproduced and what is not, the ratios, all cells, the ablations, and the cells that do not fit. Ends with
    /// a newline; empty without cells.
    package func rendered(style: TextStyle = .unicode) -> String {
        let tables = EvaluationTables(report: report, style: style)
        let texts = tables.all.map {
            $0.title + "\n" + TextTable(header: $0.header, rows: $0.rows).rendered(style: style)
        }
        let findings = report.findings.map { "\(TextTable.onOneLine($0))\n" }.joined()
        return ((findings.isEmpty ? [] : [findings]) + texts + tables.failures.map { "\(TextTable.onOneLine($0))\n" })
            .joined(separator: "\n")
    }
}
