/// A plan for a terminal: what is best and why, all candidates, and what does not fit.
package struct PlanTable: Sendable {
    private let report: PlanReport

    package init(report: PlanReport) { self.report = report }

    /// Ends with a newline.
    package func rendered(style: TextStyle = .unicode) -> String {
        let advice = PlanAdvice(report: report, style: style)
        let most = report.candidates.map(\.totalTokensPerSecond).max() ?? 0
        let hasRefusals = report.candidates.contains { $0.refused > 0 }
        func count(_ value: Int) -> String { Quantities.grouped(value, separator: style.groupSeparator) }
        let rows = report.candidates.map { candidate in
            [
                candidate.plan, candidate.policy,
                Quantities.number(candidate.totalTokensPerSecond, separator: style.groupSeparator),
                most > 0 ? Quantities.fixed(candidate.totalTokensPerSecond / most, digits: 3) : "-",
                Quantities.duration(candidate.seconds, style: style),
            ] + (report.isPaced ? [Quantities.duration(candidate.meanSecondsOfRequest, style: style)] : []) + [
                Quantities.percent(candidate.bubbleRatio, digits: 1),
                Quantities.percent(candidate.share(.weights)), Quantities.percent(candidate.share(.links)),
                count(candidate.microBatches), count(candidate.preemptions),
                Quantities.bytes(Int(candidate.poolBytes)), count(candidate.poolTokens),
            ] + (hasRefusals ? [count(candidate.refused)] : [])
        }
        let header =
            ["plan", "policy", "tok/s", "of best", "time"] + (report.isPaced ? ["a request"] : []) + [
                "bubble", "weights", "links", "batches", "preempt.", "KV memory", "KV tokens",
            ] + (hasRefusals ? ["refused"] : [])
        let heading =
            "\(report.model) on \(report.cluster), "
            + report.setting.map { "\($0.label) \($0.value)" }.joined(separator: ", ")
        let sentences = [advice.verdict, advice.reason, advice.sample].filter { !$0.isEmpty }
        let excluded = report.excluded.map { exclusion in
            TextTable.onOneLine(
                "not run: \(exclusion.policy.map { "\($0) on " } ?? "")\(exclusion.plan): \(exclusion.reason)") + "\n"
        }
        let parts = [
            TextTable.onOneLine(heading) + "\n" + sentences.map { TextTable.onOneLine($0) + "\n" }.joined(),
            TextTable(header: header, rows: rows).rendered(style: style),
            "weights, links: shares of the devices' time in which they read weights and exchange activations within a "
                + "stage\n", excluded.joined(),
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }
}
