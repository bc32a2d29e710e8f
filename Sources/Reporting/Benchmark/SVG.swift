/// A drawing as an inline SVG element. Coordinates are pixels; colours come from classes of the page's style sheet, so
/// that the drawing follows the light or dark scheme.
struct SVG {
    enum Anchor: String {
        case start, middle, end
    }

    let width: Double
    let height: Double
    /// A description of the drawing, for readers who cannot see it.
    let label: String
    private var body: [String] = []

    init(width: Double, height: Double, label: String) {
        self.width = width
        self.height = height
        self.label = label
    }

    mutating func text(
        _ text: String, x: Double, y: Double, anchor: Anchor = .start, style: String = "", tip: String = ""
    ) {
        body.append(
            "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" text-anchor=\"\(anchor.rawValue)\""
                + " class=\"\(style)\">\(TextEncodings.html(text))\(Self.title(tip))</text>")
    }

    mutating func line(x1: Double, y1: Double, x2: Double, y2: Double, style: String) {
        body.append(
            "<line x1=\"\(Self.number(x1))\" y1=\"\(Self.number(y1))\" x2=\"\(Self.number(x2))\""
                + " y2=\"\(Self.number(y2))\" class=\"\(style)\"/>")
    }

    mutating func rectangle(
        x: Double, y: Double, width: Double, height: Double, style: String, tip: String = ""
    ) {
        body.append(
            "<rect x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(max(0, width)))\""
                + " height=\"\(Self.number(max(0, height)))\" class=\"\(style)\">\(Self.title(tip))</rect>")
    }

    mutating func dot(x: Double, y: Double, radius: Double, style: String, tip: String = "") {
        body.append(
            "<circle cx=\"\(Self.number(x))\" cy=\"\(Self.number(y))\" r=\"\(Self.number(radius))\""
                + " class=\"\(style)\">\(Self.title(tip))</circle>")
    }

    /// A closed area.
    mutating func area(_ points: [(x: Double, y: Double)], style: String, tip: String = "") {
        guard !points.isEmpty else { return }
        let path = points.map { "\(Self.number($0.x)) \(Self.number($0.y))" }.joined(separator: "L")
        body.append("<path d=\"M\(path)Z\" class=\"\(style)\">\(Self.title(tip))</path>")
    }

    var markup: String {
        let size = "width=\"\(Self.number(width))\" height=\"\(Self.number(height))\""
        return "<div class=\"scroll\"><svg \(size) viewBox=\"0 0 \(Self.number(width)) \(Self.number(height))\""
            + " role=\"img\" aria-label=\"\(TextEncodings.html(label))\">\n"
            + body.joined(separator: "\n") + "\n</svg></div>"
    }

    private static func title(_ tip: String) -> String {
        tip.isEmpty ? "" : "<title>\(TextEncodings.html(tip))</title>"
    }

    /// The number in tenths of a pixel; a number that is not finite becomes 0.
    private static func number(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let text = Quantities.fixed(value, digits: 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
