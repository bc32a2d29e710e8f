import Platform

/// An evaluation as one JSON object: `simulation`, `findings`, `ratios`, `runs` (one object per cell, with `error` if the model
/// does not fit) and `ablations`.
package struct EvaluationJSON: Sendable {
    private let report: EvaluationReport

    package init(report: EvaluationReport) { self.report = report }

    package var json: JSONValue {
        .object([
            .init(
                "simulation",
                .object(
                    [
                        .init("command", .string(report.commandLine)), .init("evaluation", .string(report.title)),
                    ] + report.setting.map { .init(Self.key($0.label), .string($0.value)) })),
            .init("findings", .array(report.findings.map(JSONValue.string))),
            .init(
                "ratios",
                .array(
                    report.ratios.map {
                        .object([
                            .init("over", .string($0.over)), .init("best", .number($0.best)),
                            .init("least", .number($0.least)),
                            .init("published", $0.published.map(JSONValue.number) ?? .null),
                            .init("best_at", .string($0.place)),
                        ])
                    })),
            .init("runs", .array(report.cells.map(Self.cell))),
            .init(
                "ablations",
                .array(
                    report.ablations.map {
                        .object(
                            [
                                .init("part", .string($0.part)), .init("exchanged", .string($0.label)),
                                .init("at", .string($0.place)), .init("of_whole", .number($0.ofWhole)),
                            ] + Self.members($0.figures))
                    })),
        ])
    }

    /// The file's text: indented, with a newline at the end.
    package var text: String { json.indented + "\n" }

    private static func cell(_ cell: EvaluationReport.Cell) -> JSONValue {
        let names: [JSONMember] = [
            .init("model", .string(cell.model)), .init("cluster", .string(cell.cluster)),
            .init("method", .string(cell.method)),
        ]
        guard let figures = cell.figures else {
            return .object(names + [.init("error", .string(cell.failure ?? ""))])
        }
        return .object(names + members(figures))
    }

    private static func members(_ figures: EvaluationReport.Figures) -> [JSONMember] {
        [
            .init("total_tokens_per_second", .number(figures.totalTokensPerSecond)),
            .init("bubble_ratio", .number(figures.bubbleRatio)),
            .init("phase_switches", .integer(figures.phaseSwitches)),
            .init("preemptions", .integer(figures.preemptions)),
            .init("recomputed_tokens", .integer(figures.recomputedTokens)),
            .init("kv_blocks_total", .integer(figures.blocks)),
        ]
    }

    /// A label turned into a key.
    private static func key(_ label: String) -> String {
        String(label.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })
    }
}
