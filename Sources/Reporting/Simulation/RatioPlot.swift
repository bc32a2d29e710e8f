/// Dots on an axis of ratios up to 1, one row a setting and one mark a method. Colours tell methods apart, shapes tell
/// kinds of plan apart, and each method has a height of its own within a row, so that equal ratios do not hide each other.
struct RatioPlot {
    struct Mark {
        /// The number of the method, which gives colour and height.
        let method: Int
        let ratio: Double
        let shape: SVG.Shape
        let tip: String
    }

    struct Row {
        let label: String
        let marks: [Mark]
        /// Text behind the row.
        let note: String
    }

    let title: String
    let unit: String
    /// The methods in the legend, in order.
    let methods: [(label: String, shape: SVG.Shape)]
    let rows: [Row]
    var width = 1180.0

    private let height = 34.0
    private let reach = 5.0

    var markup: String {
        let left = 24 + Double(rows.map { min($0.label.displayWidth, Self.longest) }.max() ?? 0) * 7.4
        let right = width - 34 - Double(rows.map(\.note.displayWidth).max() ?? 0) * 6.7
        let legend = legendLines
        let top = 34 + Double(legend.count) * 22 + 24
        let bottom = top + Double(rows.count) * height
        var drawing = SVG(width: width, height: bottom + 44, label: "\(title), \(unit), by setting")
        drawing.text(title, x: 0, y: 15, style: "title")
        for (line, entries) in legend.enumerated() {
            for entry in entries {
                let y = 40 + Double(line) * 22
                drawing.mark(
                    methods[entry.method].shape, x: entry.x, y: y, reach: reach, style: Self.style(entry.method))
                drawing.text(methods[entry.method].label, x: entry.x + 12, y: y + 4)
            }
        }
        for place in stride(from: 0, to: rows.count, by: 2) {
            drawing.rectangle(x: 0, y: top + Double(place) * height, width: width, height: height, style: "band")
        }
        let axis = Axis(least: rows.flatMap(\.marks).map(\.ratio).min() ?? 0, start: left, end: max(left + 100, right))
        for tick in axis.ticks {
            let x = axis.position(tick)
            drawing.line(x1: x, y1: top - 4, x2: x, y2: bottom + 4, style: "grid")
            for y in [top - 10, bottom + 19] {
                drawing.text(Quantities.fixed(tick, digits: 1), x: x, y: y, anchor: .middle, style: "soft")
            }
        }
        drawing.text(unit, x: (axis.start + axis.end) / 2, y: bottom + 37, anchor: .middle, style: "soft")
        for (place, row) in rows.enumerated() {
            draw(row, at: top + (Double(place) + 0.5) * height, axis, into: &drawing)
        }
        return drawing.markup
    }

    /// The most columns of a label; longer ones are cut.
    private static let longest = 54

    private static func style(_ method: Int) -> String { "series-\(method % LinePlot.colours)" }

    /// An axis from a round ratio below all marks to 1.
    private struct Axis {
        let low: Double
        let start: Double
        let end: Double

        init(least: Double, start: Double, end: Double) {
            low = min(max(0, (least * 10).rounded(.down) / 10), 0.9)
            self.start = start
            self.end = end
        }

        func position(_ ratio: Double) -> Double { start + (ratio - low) / (1 - low) * (end - start) }

        var ticks: [Double] { (Int((low * 10).rounded())...10).map { Double($0) / 10 } }
    }

    private func draw(_ row: Row, at y: Double, _ axis: Axis, into drawing: inout SVG) {
        let shown = row.label.truncated(toWidth: Self.longest)
        drawing.text(shown, x: axis.start - 14, y: y + 4, anchor: .end, tip: shown == row.label ? "" : row.label)
        let step = min(5, (height - 2 * reach) / Double(max(1, methods.count - 1)))
        for mark in row.marks where mark.ratio.isFinite {
            let offset = (Double(mark.method) - Double(methods.count - 1) / 2) * step
            drawing.mark(
                mark.shape, x: axis.position(mark.ratio), y: y + offset, reach: reach,
                style: Self.style(mark.method) + " edge", tip: mark.tip)
        }
        drawing.text(row.note, x: axis.end + 14, y: y + 4, style: "soft")
    }

    /// The entries of the legend with their places, in as many lines as they need.
    private var legendLines: [[(method: Int, x: Double)]] {
        var lines: [[(method: Int, x: Double)]] = []
        var x = Double.infinity
        for (method, entry) in methods.enumerated() {
            let size = 36 + Double(entry.label.displayWidth) * 7.2
            if x + size > width {
                lines.append([])
                x = 8
            }
            lines[lines.count - 1].append((method, x))
            x += size
        }
        return lines
    }
}

extension SVG {
    /// A shape that tells kinds of marks apart without their colours.
    enum Shape {
        case circle, square, triangle
    }

    /// A mark around a place, as far as `reach` to each side.
    mutating func mark(_ shape: Shape, x: Double, y: Double, reach: Double, style: String, tip: String = "") {
        switch shape {
        case .circle: dot(x: x, y: y, radius: reach, style: style, tip: tip)
        case .square:
            let half = reach * 0.9
            rectangle(x: x - half, y: y - half, width: 2 * half, height: 2 * half, style: style, tip: tip)
        case .triangle:
            area(
                [(x, y - reach), (x + reach * 1.1, y + reach * 0.8), (x - reach * 1.1, y + reach * 0.8)], style: style,
                tip: tip)
        }
    }
}
