import Platform

/// A plan as one JSON object: `plan` (what was simulated), `advice`, `candidates` (the best first) and `not_run`.
package struct PlanJSON: Sendable {
    private let report: PlanReport

    package init(report: PlanReport) { self.report = report }

    package var json: JSONValue {
        let advice = PlanAdvice(report: report)
        let requests = report.requests
        return .object([
            .init(
                "plan",
                .object(
                    [
                        .init("command", .string(report.commandLine)), .init("model", .string(report.model)),
                        .init("cluster", .string(report.cluster)), .init("workload", .string(requests.workload)),
                        .init("requests", .integer(requests.simulated)),
                        .init("requests_available", requests.available.map { .integer($0) } ?? .null),
                        .init("is_sample", .bool(requests.isSample)),
                        .init(
                            "ranked_by", .string(report.isPaced ? "mean_request_seconds" : "total_tokens_per_second")),
                    ]
                        + report.setting.map { .init(Self.key($0.label), .string($0.value)) })),
            .init(
                "advice",
                .object([
                    .init("best", .string(advice.verdict)), .init("reason", .string(advice.reason)),
                    .init("sample", .string(advice.sample)),
                ])),
            .init("candidates", .array(report.candidates.map(Self.candidate))),
            .init(
                "not_run",
                .array(
                    report.excluded.map {
                        .object([
                            .init("parallel", .string($0.plan)),
                            .init("policy", $0.policy.map { .string($0) } ?? .null),
                            .init("error", .string($0.reason)),
                        ])
                    })),
        ])
    }

    /// The file's text: indented, with a newline at the end.
    package var text: String { json.indented + "\n" }

    private static func candidate(_ candidate: PlanReport.Candidate) -> JSONValue {
        .object(
            [
                .init("parallel", .string(candidate.plan)), .init("kind", .string(candidate.kind.rawValue)),
                .init("policy", .string(candidate.policy)),
                .init("total_tokens_per_second", .number(candidate.totalTokensPerSecond)),
                .init("wall_seconds", .number(candidate.seconds)),
                .init("mean_request_seconds", .number(candidate.meanSecondsOfRequest)),
                .init("bubble_ratio", .number(candidate.bubbleRatio)),
            ]
                + PlanReport.Use.allCases.map { .init("\($0.rawValue)_share", .number(candidate.share($0))) } + [
                    .init("micro_batches", .integer(candidate.microBatches)),
                    .init("preemptions", .integer(candidate.preemptions)),
                    .init("recomputed_tokens", .integer(candidate.recomputedTokens)),
                    .init("refused_requests", .integer(candidate.refused)),
                    .init("kv_pool_bytes", .number(candidate.poolBytes)),
                    .init("kv_pool_tokens", .integer(candidate.poolTokens)),
                ])
    }

    /// A label turned into a key.
    private static func key(_ label: String) -> String {
        String(label.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })
    }
}
