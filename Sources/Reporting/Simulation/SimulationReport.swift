import Platform

/// The result of a simulation, to be written as a table, as JSON and as a page.
package struct SimulationReport: Sendable {
    /// The highest rate of requests that keeps the service level.
    package struct Goodput: Sendable, Hashable {
        package var requestsPerSecond: Double
        /// Share of the requests inside the service level at this rate.
        package var attainment: Double
        /// Whether even the highest rate that was tried kept the level.
        package var isOpen: Bool

        package init(requestsPerSecond: Double, attainment: Double, isOpen: Bool) {
            self.requestsPerSecond = requestsPerSecond
            self.attainment = attainment
            self.isOpen = isOpen
        }
    }

    /// One policy at one value of the swept setting.
    package struct Row: Sendable, Hashable {
        /// The value of the swept setting; nil without a sweep.
        package var value: String?
        /// The policy with its options, as the user wrote it.
        package var label: String
        /// The run; nil if the policy could not be run.
        package var run: BenchmarkRun?
        /// Why the policy could not be run; nil if it was run.
        package var failure: String?
        /// The most prompt tokens of a micro-batch; nil if the policy could not be run.
        package var prefillChunk: Int?
        /// The number of requests that the context or the KV pool can never hold.
        package var refused = 0
        /// Share of the requests inside the service level; nil if there is none.
        package var attainment: Double?
        /// The highest rate that keeps the service level; nil if it was not searched for.
        package var goodput: Goodput?

        package init(value: String? = nil, label: String, run: BenchmarkRun) {
            self.value = value
            self.label = label
            self.run = run
        }

        package init(value: String? = nil, label: String, failure: String) {
            self.value = value
            self.label = label
            self.failure = failure
        }
    }

    /// The command line as it was typed.
    package var commandLine: String
    /// What was simulated, in a few words: model and cluster.
    package var title: String
    /// The settings of all rows, with units, for people.
    package var setting: [RunSummary.Line]
    /// The settings of all rows, for machines.
    package var members: [JSONMember]
    /// The swept setting; nil without a sweep.
    package var sweptKey: String?
    /// The rows, in the order in which they ran.
    package var rows: [Row]

    package init(
        commandLine: String, title: String, setting: [RunSummary.Line], members: [JSONMember],
        sweptKey: String? = nil, rows: [Row]
    ) {
        self.commandLine = commandLine
        self.title = title
        self.setting = setting
        self.members = members
        self.sweptKey = sweptKey
        self.rows = rows
    }

    /// Total tokens per second of the fastest row at a value of the swept setting; 0 if none ran.
    func best(at value: String?) -> Double {
        rows.filter { $0.value == value }.compactMap { $0.run?.figures.totalTokensPerSecond }.max() ?? 0
    }

    /// One line for each row that could not be run.
    var failures: [String] {
        rows.compactMap { row in
            guard let failure = row.failure else { return nil }
            let value = row.value.map { "\(sweptKey ?? "value") \($0), " } ?? ""
            return "\(value)\(row.label): \(failure)"
        }
    }
}
