/// The plots of a benchmark's page.
struct BenchmarkPlots {
    let groups: [BenchmarkGroup]

    /// A bar to the median, and a dot per repeat.
    var throughput: String {
        let best = groups.map(\.totalTokensPerSecond).max() ?? 0
        let rows = groups.map { group in
            let median = group.totalTokensPerSecond
            let text = Quantities.rate(median, unit: "tok")
            let ratio = best > 0 ? ", " + Quantities.fixed(median / best, digits: 3) + " of the best" : ""
            return BarPlot.Row(
                label: group.label, pieces: [.init(value: median, style: "bar", tip: "\(group.label): median \(text)")],
                dots: group.runs.map { run in
                    let rate = Quantities.rate(run.figures.totalTokensPerSecond, unit: "tok")
                    return .init(
                        value: run.figures.totalTokensPerSecond, style: "dot",
                        tip: "\(group.label), repeat \(run.repetition): \(rate)")
                }, note: text + ratio)
        }
        return BarPlot(
            title: "Throughput: the bar ends at the median, each dot is a repeat",
            unit: "prompt and output tokens a second", rows: rows, spreadsDots: true
        ).markup
    }

    /// Idle shares by cause, stacked; means over the repeats.
    var bubble: String {
        let rows = groups.map { group in
            BarPlot.Row.bubble(group.label, total: group.mean { $0.idleShares.total }) { cause in
                group.mean { $0.idleShares[cause] }
            }
        }
        return BarPlot.bubble(unit: "% of stages x makespan, mean over the repeats", rows: rows)
    }

    /// Plots, each with a line from P50 to P99; medians over the repeats.
    var latency: String {
        latency("Time to the first token, from the start of the run") { $0.timeToFirstToken }
            + latency("Time per output token after the first") { $0.timePerOutputToken }
            + latency("Time from a token to the next of its request, of all tokens") { run in
                run.tokenGaps.map { LatencyPercentiles(p50: $0.p50, p99: $0.p99) }
            }
    }

    /// Empty if no run has the figure.
    private func latency(_ title: String, _ value: (BenchmarkRun) -> LatencyPercentiles?) -> String {
        guard groups.contains(where: { $0.runs.contains { value($0) != nil } }) else { return "" }
        let rows = groups.map { group -> BarPlot.Row in
            guard let p50 = group.median({ value($0)?.p50 }), let p99 = group.median({ value($0)?.p99 }) else {
                return BarPlot.Row(label: group.label, note: "no request")
            }
            return .latency(group.label, p50: p50, p99: p99)
        }
        return BarPlot.latency(title, rows: rows) + "\n"
    }
}
