/// The plots of a simulation's page.
struct SimulationPlots {
    let report: SimulationReport

    /// Bars of one set of policies; curves where a setting was swept.
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
        let rows = report.rows.map { row in
            guard let run = row.run else { return BarPlot.Row(label: row.label, note: "not run") }
            return BarPlot.Row(
                label: row.label,
                pieces: IdleCause.allCases.map { cause in
                    let share = run.idleShares[cause]
                    return .init(
                        value: share, style: "cause-\(cause.key)",
                        tip: "\(row.label), \(cause.rawValue): \(Quantities.percent(share, digits: 2))")
                }, note: Quantities.percent(run.idleShares.total, digits: 1))
        }
        let plot = BarPlot(
            title: "Bubble: the share of the stages' time in which they compute nothing, by cause",
            unit: "% of stages x makespan", rows: rows, scaleFactor: 100)
        let legend = IdleCause.allCases.map {
            "<span><i class=\"cause-\($0.key)\"></i>\($0.rawValue)</span>"
        }.joined()
        return plot.markup + "\n<p class=\"legend\">\(legend)</p>"
    }

    private var latency: [String] {
        [
            latency("Time to the first token, from the request's arrival") { $0.timeToFirstToken },
            latency("Time per output token after the first") { $0.timePerOutputToken },
        ]
    }

    /// A line from P50 to P99; empty if no run has the figure.
    private func latency(_ title: String, _ value: (BenchmarkRun) -> LatencyPercentiles?) -> String {
        guard report.rows.contains(where: { $0.run.flatMap(value) != nil }) else { return "" }
        let rows = report.rows.map { row in
            guard let latency = row.run.flatMap(value) else { return BarPlot.Row(label: row.label, note: "not run") }
            let texts = [latency.p50, latency.p99].map { Quantities.duration($0) }
            return BarPlot.Row(
                label: row.label,
                pieces: [
                    .init(value: latency.p50, style: "none", tip: ""),
                    .init(
                        value: latency.p99 - latency.p50, style: "range",
                        tip: "\(row.label): P50 \(texts[0]), P99 \(texts[1])"),
                ],
                dots: [
                    .init(value: latency.p50, style: "dot p50", tip: "\(row.label): P50 \(texts[0])"),
                    .init(value: latency.p99, style: "dot p99", tip: "\(row.label): P99 \(texts[1])"),
                ], note: texts.joined(separator: " to "))
        }
        return BarPlot(title: title + ": P50 (full dot) to P99 (ring)", unit: "seconds", rows: rows).markup
    }

    /// What a swept setting does to each figure, in the order in which people ask.
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

    /// Each once, in the order of first appearance.
    private static func distinct(_ words: [String]) -> [String] {
        var found: [String] = []
        for word in words where !found.contains(word) { found.append(word) }
        return found
    }
}
