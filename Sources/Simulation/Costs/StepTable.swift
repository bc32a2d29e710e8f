/// Measured seconds of whole-model steps by their number of tokens, with linear interpolation between the measurements.
///
/// The table is flat before the first point. Beyond the last point it goes on with the slope of the last doubling,
/// since step times are a staircase and the slope of its last tread says nothing.
public struct StepTable: Sendable, Hashable {
    public struct Point: Sendable, Hashable {
        public let tokens: Int
        public let seconds: Double
    }
    /// At least one, in ascending order of tokens.
    public let points: [Point]
    private let slope: Double

    /// Reads a table of two columns, tokens and milliseconds, under one line of headings.
    /// - Throws: `malformed_text` that names line and column; tokens must be above 0 and ascend, times above 0.
    public init(csv text: String) throws(SimulationError) {
        let table = try CSVTable(text)
        guard table.columns.count == 2 else {
            throw SimulationError(
                .malformedText,
                "line 1: a step table has \(table.columns.count) columns; tokens and milliseconds "
                    + "are needed")
        }
        var points: [Point] = []
        for row in table.rows {
            let tokens = try table.integer(row, 0, in: 1...(1 << 30))
            let milliseconds = try table.number(row, 1, in: 1e-6...1e9)
            guard tokens > points.last?.tokens ?? 0 else {
                throw SimulationError(
                    .malformedText,
                    "line \(row.line): \(table.columns[0]) is \(tokens) after \(points.last?.tokens ?? 0); "
                        + "it must ascend"
                )
            }
            points.append(Point(tokens: tokens, seconds: milliseconds * 1e-3))
        }
        guard let last = points.last else {
            throw SimulationError(.malformedText, "a step table has no rows; at least one is needed")
        }
        self.points = points
        let before = points.last { $0.tokens <= last.tokens / 2 } ?? points[0]
        slope =
            before.tokens < last.tokens
            ? max(0, (last.seconds - before.seconds) / Double(last.tokens - before.tokens))
            : last.seconds / Double(last.tokens)
    }

    /// Seconds of a step of `tokens` tokens.
    public func seconds(tokens: Int) -> Double {
        let last = points[points.count - 1]
        guard tokens < last.tokens else { return last.seconds + slope * Double(tokens - last.tokens) }
        guard tokens > points[0].tokens else { return points[0].seconds }
        var (low, high) = (0, points.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if points[middle].tokens <= tokens { low = middle } else { high = middle }
        }
        let share = Double(tokens - points[low].tokens) / Double(points[high].tokens - points[low].tokens)
        return points[low].seconds + share * (points[high].seconds - points[low].seconds)
    }
}
