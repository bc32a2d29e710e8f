/// How far modelled step times are from a measured table: |modelled - measured| / measured over its points.
public struct TableResiduals: Sendable, Hashable {
    public let points: Int
    public let median: Double
    /// The 90th percentile of the errors.
    public let ninetieth: Double
    public let worst: Double
    /// The tokens of the point with the worst error.
    public let worstTokens: Int
    /// The median of (modelled - measured) / measured; above 0 if the model is too slow.
    public let bias: Double

    /// - Parameters:
    ///   - tokens: the range of the points to compare; the table must have a point in it.
    ///   - modelled: the modelled seconds of a whole-model step, by its number of tokens.
    /// - Throws: `invalid_setting` if the table has no point in the range.
    public init(
        of table: StepTable, tokens: ClosedRange<Int> = 1...Int.max, modelled: (Int) -> Double
    ) throws(SimulationError) {
        let looked = table.points.filter { tokens.contains($0.tokens) }
        guard !looked.isEmpty else {
            throw SimulationError(
                .invalidSetting,
                "the table has no point in \(tokens.lowerBound)...\(tokens.upperBound); it goes from "
                    + "\(table.points[0].tokens) to \(table.points[table.points.count - 1].tokens)")
        }
        let signed = looked.map { (modelled($0.tokens) - $0.seconds) / $0.seconds }
        let errors = signed.map(abs).sorted()
        var worst = 0
        for index in signed.indices where abs(signed[index]) > abs(signed[worst]) { worst = index }
        points = looked.count
        median = Self.percentile(50, of: errors)
        ninetieth = Self.percentile(90, of: errors)
        self.worst = abs(signed[worst])
        worstTokens = looked[worst].tokens
        bias = Self.percentile(50, of: signed.sorted())
    }

    /// The smallest value that at least this share of the sorted values does not exceed.
    private static func percentile(_ percent: Int, of sorted: [Double]) -> Double {
        sorted[max(0, (sorted.count * percent + 99) / 100 - 1)]
    }
}
