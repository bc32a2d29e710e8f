/// Curves over the values of one setting, one curve per label, with both axes from 0. If not all values are numbers,
/// they are drawn at equal distances.
struct LinePlot {
    struct Curve {
        let label: String
        /// One number for each value of the axis; nil breaks the curve.
        let values: [Double?]
        /// The text of a value in a tooltip.
        let text: (Double) -> String
    }

    let title: String
    let unit: String
    let axis: String
    let places: [String]
    let curves: [Curve]
    var width = 900.0
    /// The axis shows values times this.
    var scaleFactor = 1.0

    /// The number of colours in `simulation.css`; more curves share colours.
    static let colours = 8

    private let left = 84.0
    private let right = 24.0
    private let top = 34.0
    private let height = 230.0

    /// The drawing with its legend; empty if no curve has a value.
    var markup: String {
        let values = curves.flatMap { $0.values.compactMap(\.self) }.filter(\.isFinite).map { $0 * scaleFactor }
        guard let largest = values.max() else { return "" }
        let bottom = top + height
        var drawing = SVG(width: width, height: bottom + 46, label: "\(title), \(unit), by \(axis)")
        let y = PlotScale(largest: largest, start: 0, length: height, ticks: 5)
        drawing.text("\(title), \(unit)", x: 0, y: 15, style: "title")
        for tick in y.ticks {
            let place = bottom - y.position(tick)
            drawing.line(x1: left, y1: place, x2: width - right, y2: place, style: "grid")
            drawing.text(y.text(tick), x: left - 8, y: place + 4, anchor: .end, style: "soft")
        }
        let x = positions
        for (label, place) in ticks { drawing.text(label, x: place, y: bottom + 19, anchor: .middle, style: "soft") }
        drawing.text(axis, x: (left + width - right) / 2, y: bottom + 38, anchor: .middle, style: "soft")
        for (number, curve) in curves.enumerated() {
            draw(curve, number, x, { bottom - y.position($0 * scaleFactor) }, into: &drawing)
        }
        return drawing.markup + "\n" + legend
    }

    private func draw(
        _ curve: Curve, _ number: Int, _ x: [Double], _ y: (Double) -> Double, into drawing: inout SVG
    ) {
        let style = "series-\(number % Self.colours)"
        let points = zip(x, curve.values).map { place, value in
            value.flatMap { $0.isFinite ? (x: place, value: $0) : nil }
        }
        for (a, b) in zip(points, points.dropFirst()) {
            guard let a, let b else { continue }
            drawing.line(x1: a.x, y1: y(a.value), x2: b.x, y2: y(b.value), style: "curve \(style)")
        }
        for (name, point) in zip(places, points) {
            guard let point else { continue }
            drawing.dot(
                x: point.x, y: y(point.value), radius: 4, style: style,
                tip: "\(curve.label), \(axis) \(name): \(curve.text(point.value))")
        }
    }

    private var length: Double { width - left - right }

    private var numbers: [Double]? {
        let numbers = places.compactMap { Double($0) }.filter { $0.isFinite && $0 >= 0 }
        return numbers.count == places.count ? numbers : nil
    }

    private var numericScale: PlotScale? {
        numbers?.max().map { PlotScale(largest: $0, start: left, length: length, ticks: 8) }
    }

    private var positions: [Double] {
        if let numbers, let scale = numericScale { return numbers.map(scale.position) }
        return places.indices.map { left + (Double($0) + 0.5) / Double(places.count) * length }
    }

    private var ticks: [(String, Double)] {
        if let scale = numericScale { return scale.ticks.map { (scale.text($0), scale.position($0)) } }
        return zip(places, positions).map { ($0, $1) }
    }

    private var legend: String {
        let items = curves.enumerated().map { number, curve in
            "<span><i class=\"series-\(number % Self.colours)\"></i>\(TextEncodings.html(curve.label))</span>"
        }
        return "<p class=\"legend\">\(items.joined())</p>"
    }
}
