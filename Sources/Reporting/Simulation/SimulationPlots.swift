/// The plots of a simulation's page.
struct SimulationPlots {
    let report: SimulationReport

    /// Bars for a simulation without a sweep; curves if a setting was swept.
    var markup: [String] { report.sweptKey == nil ? [throughput, bubble] + latency : curves }

    private var throughput: String {
        let best = report.best(at: nil)
        let rows = report.rows.map { row in
            guard let run = row.run else { return BarPlot.Row(label: row.label, note: "not run") }
            let rate = run.figures.totalTokensPerSecond
            let text = Quantities.rate(rate, unit: "tok")
            let ratio = best > 0 ? ", " + Quantities.fixed(rate / best, digits: 3) + " of the best" : ""
            return BarPlot.Row(
                label: row.label, pieces: [.init(value: rate, style: "bar", tip: "\(row.label): \(text)")],
                note: text + ratio)
        }
        return BarPlot(title: "Throughput", unit: "prompt and output tokens a second", rows: rows).markup
    }

    private var bubble: String {
        let rows = report.rows.map { row -> BarPlot.Row in
            guard let run = row.run else { return BarPlot.Row(label: row.label, note: "not run") }
            return .bubble(row.label, total: run.idleShares.total) { run.idleShares[$0] }
        }
        return BarPlot.bubble(unit: "% of stages x makespan", rows: rows)
    }

    private var latency: [String] {
        [
            latency("Time to the first token, from the request's arrival") { $0.timeToFirstToken },
            latency("Time per output token after the first") { $0.timePerOutputToken }, gaps,
        ]
    }

    /// The times from token to token; empty if no run has them.
    private var gaps: String {
        guard report.rows.contains(where: { $0.run?.tokenGaps != nil }) else { return "" }
        let rows = report.rows.map { row -> BarPlot.Row in
            guard let gaps = row.run?.tokenGaps else { return BarPlot.Row(label: row.label, note: "not run") }
            return .latency(row.label, p50: gaps.p50, p99: gaps.p99, most: gaps.longest)
        }
        return BarPlot.latency("Time from a token to the next of its request, of all tokens", rows: rows)
    }

    /// A line from P50 to P99; empty if no run has the figure.
    private func latency(_ title: String, _ value: (BenchmarkRun) -> LatencyPercentiles?) -> String {
        guard report.rows.contains(where: { $0.run.flatMap(value) != nil }) else { return "" }
        let rows = report.rows.map { row -> BarPlot.Row in
            guard let latency = row.run.flatMap(value) else { return BarPlot.Row(label: row.label, note: "not run") }
            return .latency(row.label, p50: latency.p50, p99: latency.p99)
        }
        return BarPlot.latency(title, rows: rows)
    }

    /// The effect of the swept setting on each figure, the most asked-for figure first.
    private var curves: [String] {
        [
            curve("Throughput", "prompt and output tokens a second", \.run?.figures.totalTokensPerSecond) {
                Quantities.rate($0, unit: "tok")
            },
            curve("Goodput", "requests a second", \.goodput?.requestsPerSecond) {
                Quantities.rate($0, unit: "req")
            },
            curve("Requests inside the service level", "%", \.attainment, scale: 100) {
                Quantities.percent($0, digits: 1)
            },
            curve("Bubble", "% of stages x makespan", \.run?.figures.bubbleRatio, scale: 100) {
                Quantities.percent($0, digits: 1)
            },
            curve("Time to the first token, P99", "seconds", \.run?.timeToFirstToken?.p99) {
                Quantities.duration($0)
            },
            curve("Time per output token, P99", "ms", \.run?.timePerOutputToken?.p99, scale: 1000) {
                Quantities.duration($0)
            },
            curve("Time from a token to the next, P99", "ms", \.run?.tokenGaps?.p99, scale: 1000) {
                Quantities.duration($0)
            },
        ]
    }

    private func curve(
        _ title: String, _ unit: String, _ value: KeyPath<SimulationReport.Row, Double?>, scale: Double = 1,
        text: @escaping (Double) -> String
    ) -> String {
        let places = Self.distinct(report.rows.compactMap(\.value))
        let curves = Self.distinct(report.rows.map(\.label)).map { label in
            LinePlot.Curve(
                label: label,
                values: places.map { place in
                    report.rows.first { $0.label == label && $0.value == place }?[keyPath: value]
                }, text: text)
        }
        return LinePlot(
            title: title, unit: unit, axis: report.sweptKey ?? "", places: places, curves: curves, scaleFactor: scale
        ).markup
    }

    /// The distinct words, in the order of first appearance.
    private static func distinct(_ words: [String]) -> [String] {
        var found: [String] = []
        for word in words where !found.contains(word) { found.append(word) }
        return found
    }
}
