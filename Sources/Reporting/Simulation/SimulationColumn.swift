/// A column of a simulation's table, with a function that makes the cell of a row.
struct SimulationColumn {
    let title: String
    let cell: (SimulationReport.Row) -> String

    /// The columns for which a report has figures.
    static func all(for report: SimulationReport, style: TextStyle) -> [SimulationColumn] {
        [chunk(style)] + speed(report, style) + latency(style) + service(report) + pipeline(report, style)
    }

    /// The most prompt tokens of a micro-batch, which each policy may have of its own.
    private static func chunk(_ style: TextStyle) -> SimulationColumn {
        SimulationColumn(title: "chunk") { row in
            row.prefillChunk.map { Quantities.grouped($0, separator: style.groupSeparator) } ?? "-"
        }
    }

    private static func speed(_ report: SimulationReport, _ style: TextStyle) -> [SimulationColumn] {
        [
            figure("total tok/s") {
                Quantities.number($0.figures.totalTokensPerSecond, separator: style.groupSeparator)
            },
            SimulationColumn(title: "of best") { row in
                guard let run = row.run else { return "-" }
                let best = report.best(at: row.value)
                return best > 0 ? Quantities.fixed(run.figures.totalTokensPerSecond / best, digits: 3) : "-"
            },
            figure("output tok/s") {
                Quantities.number($0.figures.outputTokensPerSecond, separator: style.groupSeparator)
            },
            figure("bubble") { Quantities.percent($0.figures.bubbleRatio, digits: 1) },
        ]
    }

    private static func latency(_ style: TextStyle) -> [SimulationColumn] {
        func column(
            _ title: String, scale: Double, _ value: @escaping (BenchmarkRun) -> LatencyPercentiles?
        ) -> SimulationColumn {
            figure(title) { run in
                guard let latency = value(run) else { return "-" }
                return [latency.p50, latency.p99].map {
                    Quantities.number($0 * scale, separator: style.groupSeparator)
                }.joined(separator: " / ")
            }
        }
        return [
            column("TTFT P50 / P99 s", scale: 1) { $0.timeToFirstToken },
            column("TPOT P50 / P99 ms", scale: 1000) { $0.timePerOutputToken },
            figure("gap P50 / P99 / max ms") { run in
                guard let gaps = run.tokenGaps else { return "-" }
                return [gaps.p50, gaps.p99, gaps.longest].map {
                    Quantities.number($0 * 1000, separator: style.groupSeparator)
                }.joined(separator: " / ")
            },
        ]
    }

    private static func service(_ report: SimulationReport) -> [SimulationColumn] {
        var columns: [SimulationColumn] = []
        if report.rows.contains(where: { $0.attainment != nil }) {
            columns.append(
                SimulationColumn(title: "in SLO") { row in
                    row.attainment.map { Quantities.percent($0, digits: 1) } ?? "-"
                })
        }
        if report.rows.contains(where: { $0.goodput != nil }) {
            columns.append(
                SimulationColumn(title: "goodput req/s") { row in
                    row.goodput.map { ($0.isOpen ? ">" : "") + Quantities.number($0.requestsPerSecond) } ?? "-"
                })
        }
        return columns
    }

    private static func pipeline(_ report: SimulationReport, _ style: TextStyle) -> [SimulationColumn] {
        func count(_ value: Int) -> String { Quantities.grouped(value, separator: style.groupSeparator) }
        var columns = [
            figure("switches") { count($0.figures.phaseSwitches) },
            figure("preempt.") { count($0.figures.preemptions) },
            figure("recomp.") { count($0.figures.recomputedTokens) },
            figure("KV peak") { run in
                let total = Double(max(1, run.figures.kvBlocksTotal))
                return Quantities.percent(Double(run.figures.kvBlocksPeak) / total)
            },
        ]
        if report.rows.contains(where: { $0.refused > 0 }) {
            columns.append(SimulationColumn(title: "refused") { $0.run == nil ? "-" : count($0.refused) })
        }
        return columns
    }

    private static func figure(_ title: String, _ cell: @escaping (BenchmarkRun) -> String) -> SimulationColumn {
        SimulationColumn(title: title) { $0.run.map(cell) ?? "-" }
    }
}
