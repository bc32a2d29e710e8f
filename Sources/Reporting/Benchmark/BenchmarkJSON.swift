import Platform

/// A benchmark as one JSON object: `machine`, `command`, `model`, `workload` and `runs`, one object per run.
package struct BenchmarkJSON: Sendable {
    private let report: BenchmarkReport

    package init(report: BenchmarkReport) {
        self.report = report
    }

    package var json: JSONValue {
        .object([
            .init("machine", report.machine.json),
            .init("command", .string(report.commandLine)),
            .init("model", .string(report.model)),
            .init("workload", .string(report.workload)),
            .init("runs", .array(report.runs.map(\.json))),
        ])
    }

    /// The file's text: indented, with a newline at the end.
    package var text: String { json.indented + "\n" }
}
