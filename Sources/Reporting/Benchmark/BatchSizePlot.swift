import Scheduling

/// Decode micro-batch sizes over time, for one run per policy and one panel per run, all on the same axes. If several
/// micro-batches share a column, their range is drawn as an area and their mean as a line.
struct BatchSizePlot {
    let recordings: [BenchmarkPage.Recording]
    var width = 900.0

    /// Statistics of the micro-batches that retired within one column.
    private struct Column {
        var least = Int.max
        var most = 0
        var sum = 0
        var count = 0
        var prefills = 0
    }

    /// Columns of about two pixels.
    private var columnCount: Int { Int((width - left - right) / 2) }
    private let left = 64.0
    private let right = 16.0

    /// Empty without a recorded micro-batch.
    var markup: String {
        let end = recordings.flatMap { $0.recording.steps.map(\.retired.seconds) }.max() ?? 0
        let most = recordings.flatMap { $0.recording.steps.map(\.decodeTokens) }.max() ?? 0
        guard end > 0 else { return "" }
        let panelHeight = 74.0
        let panelStep = 112.0
        let top = 34.0
        let height = top + Double(recordings.count) * panelStep + 14
        var drawing = SVG(width: width, height: height, label: "Decode steps of each micro-batch over time, by policy")
        drawing.text(
            "Decode steps in each micro-batch over time; the strip below shows where prompts are prefilled", x: 0,
            y: 15,
            style: "title")
        let time = PlotScale(largest: end / 1.02, start: left, length: width - left - right, ticks: 8)
        for (place, recording) in recordings.enumerated() {
            let panelTop = top + Double(place) * panelStep + 16
            let sizes = PlotScale(largest: Double(most), start: 0, length: panelHeight, ticks: 4)
            drawing.text(recording.label.truncated(toWidth: 110), x: left, y: panelTop - 7, style: "strong")
            for tick in sizes.ticks {
                let y = panelTop + panelHeight - sizes.position(tick)
                drawing.line(x1: left, y1: y, x2: width - right, y2: y, style: "grid")
                drawing.text(sizes.text(tick), x: left - 8, y: y + 4, anchor: .end, style: "soft")
            }
            draw(recording.recording, into: &drawing, bottom: panelTop + panelHeight, time: time, sizes: sizes)
        }
        for tick in time.ticks {
            drawing.text(
                time.text(tick) + " s", x: time.position(tick), y: height - 6, anchor: .middle, style: "soft")
        }
        return drawing.markup
    }

    private func draw(
        _ recording: RunRecording, into drawing: inout SVG, bottom: Double, time: PlotScale, sizes: PlotScale
    ) {
        var columns = [Column](repeating: Column(), count: columnCount)
        for step in recording.steps {
            let share = (time.position(step.retired.seconds) - time.start) / time.length
            let place = min(columnCount - 1, max(0, Int(share * Double(columnCount))))
            if step.prefillTokens > 0 { columns[place].prefills += 1 }
            guard step.decodeTokens > 0 else { continue }
            columns[place].least = min(columns[place].least, step.decodeTokens)
            columns[place].most = max(columns[place].most, step.decodeTokens)
            columns[place].sum += step.decodeTokens
            columns[place].count += 1
        }
        let columnWidth = time.length / Double(columnCount)
        func x(_ place: Int) -> Double { time.start + Double(place) * columnWidth }
        for stretch in Self.stretches(columns, where: { $0.prefills > 0 }) {
            drawing.rectangle(
                x: x(stretch.lowerBound), y: bottom + 3, width: x(stretch.upperBound) - x(stretch.lowerBound),
                height: 5,
                style: "prefill")
        }
        for stretch in Self.stretches(columns, where: { $0.count > 0 }) {
            func outline(_ value: (Column) -> Double) -> [(x: Double, y: Double)] {
                stretch.flatMap { place in
                    let y = bottom - sizes.position(value(columns[place]))
                    return [(x: x(place), y: y), (x: x(place + 1), y: y)]
                }
            }
            let mean = outline { Double($0.sum) / Double($0.count) }
            let base = [(x: x(stretch.upperBound), y: bottom), (x: x(stretch.lowerBound), y: bottom)]
            drawing.area(mean + base, style: "mean")
            drawing.area(outline { Double($0.most) } + outline { Double($0.least) }.reversed(), style: "spread")
        }
    }

    /// The longest stretches of columns for which `fits` is true.
    private static func stretches(_ columns: [Column], where fits: (Column) -> Bool) -> [Range<Int>] {
        var stretches: [Range<Int>] = []
        for place in columns.indices where fits(columns[place]) {
            if let last = stretches.last, last.upperBound == place {
                stretches[stretches.count - 1] = last.lowerBound..<place + 1
            } else {
                stretches.append(place..<place + 1)
            }
        }
        return stretches
    }
}
