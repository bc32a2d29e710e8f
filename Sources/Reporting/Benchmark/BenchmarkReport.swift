/// Everything that a benchmark found out, ready to be written as a table, as JSON and as a page.
public struct BenchmarkReport: Sendable {
    /// As it was typed.
    public var commandLine: String
    public var machine: MachineDescription
    /// Name of the model.
    public var model: String
    /// The requests, as people would call them: `sharegpt-256.jsonl, 256 requests`.
    public var workload: String
    /// In the order in which they ran.
    public var runs: [BenchmarkRun]

    public init(
        commandLine: String, machine: MachineDescription, model: String, workload: String, runs: [BenchmarkRun]
    ) {
        self.commandLine = commandLine
        self.machine = machine
        self.model = model
        self.workload = workload
        self.runs = runs
    }
}
