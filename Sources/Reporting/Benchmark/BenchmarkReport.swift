/// The result of a benchmark, to be written as a table, as JSON and as a page.
package struct BenchmarkReport: Sendable {
    /// The command line as it was typed.
    package var commandLine: String
    package var machine: MachineDescription
    /// Name of the model.
    package var model: String
    /// The requests, described for people: `sharegpt-256.jsonl, 256 requests`.
    package var workload: String
    /// The runs, in the order in which they ran.
    package var runs: [BenchmarkRun]

    package init(
        commandLine: String, machine: MachineDescription, model: String, workload: String, runs: [BenchmarkRun]
    ) {
        self.commandLine = commandLine
        self.machine = machine
        self.model = model
        self.workload = workload
        self.runs = runs
    }
}
