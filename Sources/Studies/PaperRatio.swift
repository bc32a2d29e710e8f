/// The speed of TD-Pipe relative to a method, over the cells of several devices in which both fit.
package struct PaperRatio: Sendable, Hashable {
    package let method: PaperMethod
    /// The cell with the highest ratio.
    package let cell: PaperCell
    /// The highest ratio.
    package let best: Double
    /// The lowest ratio.
    package let least: Double

    /// The ratio of each method for which there is anything to compare, on the links of the devices.
    package static func all(of results: [PaperEvaluation.Result]) -> [PaperRatio] {
        PaperMethod.allCases.compactMap { PaperRatio($0, in: results.filter { $0.cell.link == nil }) }
    }

    /// - Parameter results: of one kind of link.
    /// - Returns: nil without a cell to compare.
    package init?(_ method: PaperMethod, in results: [PaperEvaluation.Result]) {
        guard method != .tdPipe else { return nil }
        let ratios = results.compactMap { base -> (cell: PaperCell, value: Double)? in
            guard base.cell.method == method, base.cell.devices > 1, let theirs = base.figures else { return nil }
            let whole = results.first {
                $0.cell.method == .tdPipe && $0.cell.cluster == base.cell.cluster && $0.cell.model == base.cell.model
            }
            guard let ours = whole?.figures, theirs.totalTokensPerSecond > 0 else { return nil }
            return (base.cell, ours.totalTokensPerSecond / theirs.totalTokensPerSecond)
        }
        guard let best = ratios.max(by: { $0.value < $1.value }) else { return nil }
        self.method = method
        cell = best.cell
        self.best = best.value
        least = ratios.map(\.value).min() ?? best.value
    }

    /// Both ends with two digits: `1.07 to 1.26`.
    var range: String { "\(Self.text(least)) to \(Self.text(best))" }

    /// A ratio with two digits after the point.
    static func text(_ ratio: Double) -> String {
        let hundredths = Int((ratio * 100).rounded())
        return "\(hundredths / 100)." + (hundredths % 100 < 10 ? "0" : "") + "\(hundredths % 100)"
    }
}
