/// Curves over the values of one setting, a curve a label, both axes from 0. Values that are not all numbers stand at equal
/// distances.
struct LinePlot {
    struct Curve {
        let label: String
        /// One for each value of the axis; nil breaks the curve.
        let values: [Double?]
        /// As tips tell it.
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

    /// Colours that the style sheet has; more curves share them.
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

    /// Colours that keep apart for the common kinds of colour blindness.
    static let styles = #"""
        :root {
            --series-0: #0072b2; --series-1: #d55e00; --series-2: #009e73; --series-3: #b8609a;
            --series-4: #b98a00; --series-5: #3f9fd8; --series-6: #6b4fb3; --series-7: #66727f;
        }
        @media (prefers-color-scheme: dark) {
            :root {
                --series-0: #4aa8e0; --series-1: #f08a45; --series-2: #2fc79b; --series-3: #e29cc8;
                --series-4: #e8c34a; --series-5: #8fd0f5; --series-6: #a78bdb; --series-7: #98a4b0;
            }
        }
        svg .curve { stroke-width: 2; }
        .series-0 { stroke: var(--series-0); fill: var(--series-0); background: var(--series-0); }
        .series-1 { stroke: var(--series-1); fill: var(--series-1); background: var(--series-1); }
        .series-2 { stroke: var(--series-2); fill: var(--series-2); background: var(--series-2); }
        .series-3 { stroke: var(--series-3); fill: var(--series-3); background: var(--series-3); }
        .series-4 { stroke: var(--series-4); fill: var(--series-4); background: var(--series-4); }
        .series-5 { stroke: var(--series-5); fill: var(--series-5); background: var(--series-5); }
        .series-6 { stroke: var(--series-6); fill: var(--series-6); background: var(--series-6); }
        .series-7 { stroke: var(--series-7); fill: var(--series-7); background: var(--series-7); }
        """#
}
