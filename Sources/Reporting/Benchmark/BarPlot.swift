/// Horizontal bars, one row per label, on one axis from 0.
struct BarPlot {
    /// A piece of a bar; pieces of a row follow one another.
    struct Piece {
        let value: Double
        let style: String
        let tip: String
    }

    /// A single measurement, drawn over the bar at the place of its value.
    struct Dot {
        let value: Double
        let style: String
        let tip: String
    }

    struct Row {
        let label: String
        var pieces: [Piece] = []
        var dots: [Dot] = []
        /// Text behind the row.
        var note = ""
    }

    let title: String
    /// The unit of the axis.
    let unit: String
    let rows: [Row]
    var width = 900.0
    /// The axis shows values times this.
    var scaleFactor = 1.0
    /// Whether the dots of a row are drawn one below the other.
    var spreadsDots = false

    private let rowHeight = 34.0
    private let top = 30.0

    var markup: String {
        let longest = rows.map(\.label.displayWidth).max() ?? 0
        let left = min(340, 24 + Double(longest) * 7.4)
        let noteWidth = 24 + Double(rows.map(\.note.displayWidth).max() ?? 0) * 7
        let bottom = top + Double(rows.count) * rowHeight
        var drawing = SVG(width: width, height: bottom + 44, label: "\(title), \(unit), by policy")
        let values = rows.flatMap { row in [row.pieces.reduce(0) { $0 + $1.value }] + row.dots.map(\.value) }
        let scale = PlotScale(
            largest: (values.filter(\.isFinite).max() ?? 0) * scaleFactor, start: left,
            length: max(50, width - left - noteWidth), ticks: 6)
        drawing.text(title, x: 0, y: 15, style: "title")
        for tick in scale.ticks {
            let x = scale.position(tick)
            drawing.line(x1: x, y1: top - 4, x2: x, y2: bottom + 4, style: "grid")
            drawing.text(scale.text(tick), x: x, y: bottom + 19, anchor: .middle, style: "soft")
        }
        drawing.text(unit, x: left + scale.length / 2, y: bottom + 37, anchor: .middle, style: "soft")
        for (place, row) in rows.enumerated() {
            draw(row, at: top + Double(place) * rowHeight, scale, into: &drawing)
        }
        return drawing.markup
    }

    private func draw(_ row: Row, at y: Double, _ scale: PlotScale, into drawing: inout SVG) {
        func place(_ value: Double) -> Double { scale.position(value * scaleFactor) }
        let shown = row.label.truncated(toWidth: 42)
        drawing.text(shown, x: scale.start - 12, y: y + 21, anchor: .end, tip: shown == row.label ? "" : row.label)
        var sum = 0.0
        for piece in row.pieces {
            let begin = place(sum)
            sum += max(0, piece.value)
            drawing.rectangle(
                x: begin, y: y + 6, width: place(sum) - begin, height: rowHeight - 12, style: piece.style,
                tip: piece.tip)
        }
        // Dots of repeats are close to each other, so each gets a height of its own.
        let spread = spreadsDots ? min(5, (rowHeight - 16) / Double(max(1, row.dots.count - 1))) : 0
        for (number, dot) in row.dots.enumerated() {
            let offset = (Double(number) - Double(row.dots.count - 1) / 2) * spread
            drawing.dot(
                x: place(dot.value), y: y + rowHeight / 2 + offset, radius: spreadsDots ? 3 : 4, style: dot.style,
                tip: dot.tip)
        }
        let end = max(place(sum), row.dots.map { place($0.value) }.max() ?? 0)
        drawing.text(row.note, x: end + 12, y: y + 21, style: "soft")
    }
}
