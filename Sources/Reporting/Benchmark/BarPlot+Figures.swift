/// The plots of bubbles and latencies, which benchmarks and simulations share.
extension BarPlot {
    /// Idle shares by cause, stacked, with a legend.
    static func bubble(unit: String, rows: [Row]) -> String {
        let plot = BarPlot(
            title: "Bubble: the share of the stages' time in which they compute nothing, by cause", unit: unit,
            rows: rows, scaleFactor: 100)
        let legend = IdleCause.allCases.map {
            "<span><i class=\"cause-\($0.key)\"></i>\($0.rawValue)</span>"
        }.joined()
        return plot.markup + "\n<p class=\"legend\">\(legend)</p>"
    }

    /// Lines from P50 to P99.
    static func latency(_ title: String, rows: [Row]) -> String {
        BarPlot(title: title + ": P50 (full dot) to P99 (ring)", unit: "seconds", rows: rows).markup
    }
}

extension BarPlot.Row {
    /// A bar of shares of the stages' time: in all, and by cause.
    static func bubble(_ label: String, total: Double, share: (IdleCause) -> Double) -> Self {
        Self(
            label: label,
            pieces: IdleCause.allCases.map { cause in
                let value = share(cause)
                return .init(
                    value: value, style: "cause-\(cause.key)",
                    tip: "\(label), \(cause.rawValue): \(Quantities.percent(value, digits: 2))")
            }, note: Quantities.percent(total, digits: 1))
    }

    /// A line between two percentiles, in seconds.
    /// - Parameter most: the largest value, told behind the line; nil to leave it out.
    static func latency(_ label: String, p50: Double, p99: Double, most: Double? = nil) -> Self {
        let texts = [p50, p99].map { Quantities.duration($0) }
        return Self(
            label: label,
            pieces: [
                .init(value: p50, style: "none", tip: ""),
                .init(value: p99 - p50, style: "range", tip: "\(label): P50 \(texts[0]), P99 \(texts[1])"),
            ],
            dots: [
                .init(value: p50, style: "dot p50", tip: "\(label): P50 \(texts[0])"),
                .init(value: p99, style: "dot p99", tip: "\(label): P99 \(texts[1])"),
            ], note: texts.joined(separator: " to ") + (most.map { ", at most \(Quantities.duration($0))" } ?? ""))
    }
}
