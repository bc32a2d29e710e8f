import Platform

/// A simulation as one JSON object: `simulation` (what was simulated), `swept` and `runs`, one object per run with the
/// keys of `--stats` and of benchmarks, and `not_run` for the rows that could not be run.
package struct SimulationJSON: Sendable {
    private let report: SimulationReport

    package init(report: SimulationReport) { self.report = report }

    package var json: JSONValue {
        .object([
            .init("simulation", .object([.init("command", .string(report.commandLine))] + report.members)),
            .init("swept", report.sweptKey.map(JSONValue.string) ?? .null),
            .init("runs", .array(report.rows.compactMap(Self.run))),
            .init(
                "not_run",
                .array(
                    report.rows.compactMap { row in
                        guard let failure = row.failure else { return nil }
                        return .object([
                            .init("label", .string(row.label)),
                            .init("value", row.value.map(JSONValue.string) ?? .null),
                            .init("error", .string(failure)),
                        ])
                    })),
        ])
    }

    /// The file's text: indented, with a newline at the end.
    package var text: String { json.indented + "\n" }

    private static func run(_ row: SimulationReport.Row) -> JSONValue? {
        guard let run = row.run, case .object(let figures) = run.json else { return nil }
        var members: [JSONMember] = []
        if let value = row.value { members.append(.init("value", .string(value))) }
        members.append(.init("refused_requests", .integer(row.refused)))
        if let attainment = row.attainment { members.append(.init("slo_share", .number(attainment))) }
        if let goodput = row.goodput {
            members.append(.init("goodput_requests_per_second", .number(goodput.requestsPerSecond)))
            members.append(.init("goodput_slo_share", .number(goodput.attainment)))
            members.append(.init("goodput_is_open", .bool(goodput.isOpen)))
        }
        return .object(figures + members)
    }
}
