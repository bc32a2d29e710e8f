/// What the evaluation says of one published figure: whether it is reproduced, and what stands in the way.
package struct PaperFinding: Sendable, Hashable {
    /// The method of the paper.
    package let method: PaperMethod
    /// Whether the method here that is nearest to the paper's comes near the published figure.
    package let isNear: Bool
    /// In sentences, with the figures of the run.
    package let text: String

    /// Ratios that differ by no more than this factor are near each other.
    private static let nearness = 1.1

    /// Those of all published figures that there is something to compare with: first those that are not reproduced.
    package static func all(of results: [PaperEvaluation.Result]) -> [PaperFinding] {
        let findings = PaperMethod.published.compactMap { PaperFinding($0, results) }
        return findings.filter { !$0.isNear } + findings.filter(\.isNear)
    }

    private init?(_ method: PaperMethod, _ results: [PaperEvaluation.Result]) {
        let onOwnLinks = results.filter { $0.cell.link == nil }
        guard let published = method.publishedBest, let nearest = method.counterpart,
            let counterpart = PaperRatio(nearest, in: onOwnLinks), let plain = PaperRatio(method, in: onOwnLinks)
        else { return nil }
        func isClose(_ ratio: Double) -> Bool { max(ratio / published, published / ratio) <= Self.nearness }
        self.method = method
        isNear = isClose(counterpart.best)
        let verdict =
            isNear
            ? "\(method.rawValue), published up to \(PaperRatio.text(published)): near, which is no proof."
            : "\(method.rawValue), published up to \(PaperRatio.text(published)): not reproduced."
        text = ([verdict] + Self.reasons(counterpart, plain, results, isPlainNear: isClose(plain.best)))
            .joined(separator: " ")
    }

    private static func reasons(
        _ counterpart: PaperRatio, _ plain: PaperRatio, _ results: [PaperEvaluation.Result], isPlainNear: Bool
    ) -> [String] {
        let nearest = "TD-Pipe is \(counterpart.range) times as fast here as \(counterpart.method.rawValue)"
        switch plain.method {
        case .pipelineSeparate:
            return [
                "\(nearest), a scheduler for each stage, as in vLLM's first engine.",
                "It is \(plain.range) times as fast as \(plain.method.rawValue), one scheduler that puts all ready "
                    + "sequences into one decode micro-batch: "
                    + (isPlainNear
                        ? "near the published figure, but over a weaker baseline than the paper's."
                        : "another baseline than the paper's."),
            ]
        case .pipelineHybrid:
            return [
                "\(nearest), a scheduler for each stage, as in vLLM's first engine, and \(plain.range) "
                    + "times as fast as \(plain.method.rawValue), one scheduler for all stages.",
                "All methods run on the same engine here, without the overheads of vLLM's: what is left is the "
                    + "imbalance of the micro-batches.",
            ]
        default:
            let shared = PaperRatio(counterpart.method, in: results.filter { $0.cell.link != nil })
            return [
                "\(nearest), with at most 256 sequences as vLLM had by default, and \(plain.range) times as "
                    + "fast as \(plain.method.rawValue) without that limit.",
                "These ratios follow the model of the link"
                    + (shared.map { ": with all four devices on one root they are \($0.range)" } ?? "")
                    + "; which links the paper's machines had is not known.",
            ]
        }
    }
}
