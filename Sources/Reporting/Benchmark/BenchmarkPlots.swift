/// The plots of a benchmark's page.
struct BenchmarkPlots {
    let groups: [BenchmarkGroup]

    /// A bar to the median, a dot a repeat.
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
            BarPlot.Row(
                label: group.label,
                pieces: IdleCause.allCases.map { cause in
                    let share = group.mean { $0.idleShares[cause] }
                    return .init(
                        value: share, style: "cause-\(cause.key)",
                        tip: "\(group.label), \(cause.rawValue): \(Quantities.percent(share, digits: 2))")
                }, note: Quantities.percent(group.mean { $0.idleShares.total }, digits: 1))
        }
        let plot = BarPlot(
            title: "Bubble: the share of the stages' time in which they compute nothing, by cause",
            unit: "% of stages x makespan, mean over the repeats", rows: rows, scaleFactor: 100)
        let legend = IdleCause.allCases.map {
            "<span><i class=\"cause-\($0.key)\"></i>\($0.rawValue)</span>"
        }.joined()
        return plot.markup + "\n<p class=\"legend\">\(legend)</p>"
    }

    /// Two plots, each with a line from P50 to P99; medians over the repeats.
    var latency: String {
        latency("Time to the first token, from the start of the run") { $0.timeToFirstToken }
            + latency("Time per output token after the first") { $0.timePerOutputToken }
    }

    /// Empty if no run has the figure.
    private func latency(_ title: String, _ value: (BenchmarkRun) -> LatencyPercentiles?) -> String {
        guard groups.contains(where: { $0.runs.contains { value($0) != nil } }) else { return "" }
        let rows = groups.map { group in
            guard let p50 = group.median({ value($0)?.p50 }), let p99 = group.median({ value($0)?.p99 }) else {
                return BarPlot.Row(label: group.label, note: "no request")
            }
            let texts = [p50, p99].map { Quantities.duration($0) }
            return BarPlot.Row(
                label: group.label,
                pieces: [
                    .init(value: p50, style: "none", tip: ""),
                    .init(value: p99 - p50, style: "range", tip: "\(group.label): P50 \(texts[0]), P99 \(texts[1])"),
                ],
                dots: [
                    .init(value: p50, style: "dot p50", tip: "\(group.label): P50 \(texts[0])"),
                    .init(value: p99, style: "dot p99", tip: "\(group.label): P99 \(texts[1])"),
                ], note: texts.joined(separator: " to "))
        }
        return BarPlot(title: title + ": P50 (full dot) to P99 (ring)", unit: "seconds", rows: rows).markup + "\n"
    }
}
