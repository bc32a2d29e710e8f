import Benchmarks
import Platform
import Reporting

/// The costs of the controller, for people and as JSON.
struct ControllerTable {
    private let costs: [ControllerCost]

    init(_ costs: [ControllerCost]) { self.costs = costs }

    var text: String {
        let rows = costs.map { cost in
            [
                cost.policy, Quantities.grouped(cost.liveRequests),
                Quantities.fixed(cost.medianMicroseconds, digits: 1),
                Quantities.fixed(cost.p99Microseconds, digits: 1), Quantities.number(cost.meanSequences),
                Quantities.number(cost.nanosecondsPerSequence),
            ]
        }
        return TextTable(
            header: ["policy", "live requests", "median, µs", "P99, µs", "sequences a micro-batch", "ns a sequence"],
            rows: rows
        ).rendered()
    }

    var json: JSONValue {
        let machine = MachineDescription(
            processor: Machine.processor, cores: Processors.available.count, memoryBytes: Machine.memoryBytes,
            kernels: "", system: Machine.system)
        return .object([
            .init("machine", machine.json),
            .init(
                "runs",
                .array(
                    costs.map { cost in
                        .object([
                            .init("policy", .string(cost.policy)),
                            .init("stages", .integer(cost.stages)),
                            .init("live_requests", .integer(cost.liveRequests)),
                            .init("steps", .integer(cost.steps)),
                            .init("step_p50_microseconds", .number(cost.medianMicroseconds)),
                            .init("step_p99_microseconds", .number(cost.p99Microseconds)),
                            .init("mean_sequences", .number(cost.meanSequences)),
                        ])
                    })),
        ])
    }
}
