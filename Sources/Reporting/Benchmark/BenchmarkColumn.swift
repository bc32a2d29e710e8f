/// A column of the comparison, with a function that makes the cell from the repeats of a label.
struct BenchmarkColumn {
    /// The two halves of a comparison that is too wide for one table.
    enum Block: CaseIterable {
        case speed
        case pipeline
    }

    let title: String
    let block: Block
    let cell: (BenchmarkGroup) -> String

    /// The columns for which `groups` have figures. Speeds, latencies and counts are medians over the repeats; idle
    /// shares are means, so that the causes add up to the bubble ratio.
    static func all(for groups: [BenchmarkGroup], style: TextStyle) -> [BenchmarkColumn] {
        speed(groups, style: style) + latency(groups, style: style) + bubble + pipeline(style: style)
    }

    private static func speed(_ groups: [BenchmarkGroup], style: TextStyle) -> [BenchmarkColumn] {
        let best = groups.map(\.totalTokensPerSecond).max() ?? 0
        let hasRepeats = groups.contains { $0.runs.count > 1 }
        func number(_ value: Double) -> String { Quantities.number(value, separator: style.groupSeparator) }
        func rate(_ title: String, _ value: @escaping (BenchmarkRun) -> Double) -> [BenchmarkColumn] {
            let median = column(title, .speed) { number($0.median(value) ?? 0) }
            let range = column(style == .unicode ? "min…max" : "min...max", .speed) {
                let range = $0.range(value)
                return number(range.lowerBound) + (style == .unicode ? "…" : "...") + number(range.upperBound)
            }
            return hasRepeats ? [median, range] : [median]
        }
        var columns = rate("total tok/s") { $0.figures.totalTokensPerSecond }
        columns.append(
            column("of best", .speed) { best > 0 ? Quantities.fixed($0.totalTokensPerSecond / best, digits: 3) : "-" })
        columns += rate("output tok/s") { $0.figures.outputTokensPerSecond }
        if groups.contains(where: { $0.wins != nil }) {
            columns.append(column("wins", .speed) { group in group.wins.map { "\($0)/\(group.runs.count)" } ?? "-" })
        }
        columns.append(
            column("wall/bound", .speed) { group in
                group.median(\.wallOverBound).map { Quantities.fixed($0, digits: 3) } ?? "-"
            })
        return columns
    }

    private static func latency(_ groups: [BenchmarkGroup], style: TextStyle) -> [BenchmarkColumn] {
        func latency(
            _ title: String, scale: Double, _ value: @escaping (BenchmarkRun) -> LatencyPercentiles?
        ) -> BenchmarkColumn {
            func number(_ seconds: Double) -> String {
                Quantities.number(seconds * scale, separator: style.groupSeparator)
            }
            return column(title, .speed) { group in
                guard let p50 = group.median({ value($0)?.p50 }), let p99 = group.median({ value($0)?.p99 }) else {
                    return "-"
                }
                return number(p50) + " / " + number(p99)
            }
        }
        let gaps = column("gap P50 / P99 / max ms", .speed) { group in
            let values = [\TokenGaps.p50, \.p99, \.longest].compactMap { figure in
                group.median { $0.tokenGaps?[keyPath: figure] }
            }
            guard !values.isEmpty else { return "-" }
            return values.map { Quantities.number($0 * 1000, separator: style.groupSeparator) }
                .joined(separator: " / ")
        }
        return [
            latency("TTFT P50 / P99 s", scale: 1) { $0.timeToFirstToken },
            latency("TPOT P50 / P99 ms", scale: 1000) { $0.timePerOutputToken },
        ] + (groups.contains { $0.runs.contains { $0.tokenGaps != nil } } ? [gaps] : [])
    }

    private static var bubble: [BenchmarkColumn] {
        func share(_ title: String, _ value: @escaping (BenchmarkRun) -> Double) -> BenchmarkColumn {
            column(title, .pipeline) { Quantities.percent($0.mean(value), digits: 1) }
        }
        let causes = IdleCause.allCases.map { cause in
            share(cause == .phaseSwitch ? "switch" : cause.rawValue) { $0.idleShares[cause] }
        }
        return [share("bubble") { $0.figures.bubbleRatio }] + causes
    }

    private static func pipeline(style: TextStyle) -> [BenchmarkColumn] {
        func count(_ title: String, _ value: @escaping (BenchmarkRun) -> Int) -> BenchmarkColumn {
            column(title, .pipeline) { group in
                let median = group.median { Double(value($0)) } ?? 0
                let whole = Int(exactly: median.rounded())
                return whole.map { Quantities.grouped($0, separator: style.groupSeparator) } ?? "\(median)"
            }
        }
        func imbalance(_ title: String, _ value: @escaping (BenchmarkRun) -> Double) -> BenchmarkColumn {
            column(title, .pipeline) { group in
                group.median(value).map { Quantities.percent($0, digits: 1) } ?? "-"
            }
        }
        return [
            imbalance("imbal. time") { $0.imbalance.imbalance.time },
            imbalance("seqs") { $0.imbalance.imbalance.sequences },
            count("switches") { $0.figures.phaseSwitches }, count("preempt.") { $0.figures.preemptions },
            count("recomp.") { $0.figures.recomputedTokens },
        ]
    }

    private static func column(
        _ title: String, _ block: Block, _ cell: @escaping (BenchmarkGroup) -> String
    ) -> BenchmarkColumn {
        BenchmarkColumn(title: title, block: block, cell: cell)
    }
}
