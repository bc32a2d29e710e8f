import Platform

/// A survey as one JSON object: `survey`, `settings` (one object a setting, with a run a method, or its `error`) and
/// `summary` (one object a method).
package struct SurveyJSON: Sendable {
    private let report: SurveyReport

    package init(report: SurveyReport) { self.report = report }

    package var json: JSONValue {
        .object([
            .init(
                "survey",
                .object([
                    .init("command", .string(report.commandLine)), .init("settings", .string(report.source)),
                    .init("methods", .array(report.methods.map { .string($0.label) })),
                ])),
            .init("settings", .array(report.rows.map(setting))),
            .init("summary", .array(zip(report.methods, report.standings).map(standing))),
        ])
    }

    /// The file's text: indented, with a newline at the end.
    package var text: String { json.indented + "\n" }

    private func setting(_ row: SurveyReport.Row) -> JSONValue {
        .object([
            .init("cluster", .string(row.cluster)), .init("model", .string(row.model)),
            .init("workload", .string(row.workload)), .init("requests", .integer(row.requests)),
            .init("seed", Int(exactly: row.seed).map { .integer($0) } ?? .number(Double(row.seed))),
            .init("others", .object(row.extras.map { .init($0.label, .string($0.value)) })),
            .init("fastest", row.best.map { .string(report.methods[$0].label) } ?? .null),
            .init("runs", .array(zip(report.methods, row.cells).map(Self.run))),
        ])
    }

    private static func run(_ method: SurveyReport.Method, _ cell: SurveyReport.Cell) -> JSONValue {
        let label = JSONMember("method", .string(method.label))
        switch cell {
        case .failure(let reason): return .object([label, .init("error", .string(reason))])
        case .run(let figures):
            return .object([
                label, .init("parallel", .string(figures.plan)),
                .init("total_tokens_per_second", .number(figures.totalTokensPerSecond)),
                .init("of_best", .number(figures.ofBest)), .init("wall_seconds", .number(figures.seconds)),
                .init("bubble_ratio", .number(figures.bubbleRatio)),
                .init("preemptions", .integer(figures.preemptions)),
                .init("recomputed_tokens", .integer(figures.recomputedTokens)),
                .init("kv_blocks_total", .integer(figures.blocks)),
                .init("refused_requests", .integer(figures.refused)),
            ])
        }
    }

    private func standing(_ method: SurveyReport.Method, _ standing: SurveyReport.Standing) -> JSONValue {
        .object([
            .init("method", .string(method.label)), .init("fastest_in", .integer(standing.won)),
            .init("ran_in", .integer(standing.ran)),
            .init("median_of_best", standing.ratios.map { .number($0.median) } ?? .null),
            .init("least_of_best", standing.ratios.map { .number($0.least) } ?? .null),
            .init("least_in", standing.ratios.map { .string(report.name(ofRow: $0.leastRow)) } ?? .null),
        ])
    }
}
