import ArgumentParser
import Benchmarks
import CPUDevice
import Platform
import Reporting

struct BenchKernelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract: "Time each kernel beside what the processor can do at most.",
        discussion: """
            The ceilings are measured in the same run: multiplications by loops that stay in registers, and reading \
            from memory. A kernel's share is of the one that applies: of products and attention over cold data the \
            lower of the two. A multiplication and the addition after it are two operations. GB/s of products count \
            the weights alone.

            Cold data is larger than the caches, as a model's weights are; warm data stays in a cache. Attention is \
            that of a model of 9 query heads on 3 KV heads of width 64; text attention, in which all tokens attend to \
            one another, that of an encoder with heads of width 32.
            """)

    @Option(help: ArgumentHelp("Threads that compute at the same time.", valueName: "n")) var threads = 1
    @Option(
        help: ArgumentHelp(
            "Sets of kernels: all that this processor runs, the best, or one of \(KernelBench.setNames.joined(separator: ", ")).",
            valueName: "name"))
    var kernels = "all"
    @Option(name: .customLong("repeat"), help: ArgumentHelp("Samples of each figure.", valueName: "n"))
    var repeats: Int?
    @Flag(help: "Everything once, on little data: shows that it works, and no speed.") var quick = false
    @Option(help: ArgumentHelp("Write all figures as JSON.", valueName: "file")) var json: String?

    mutating func validate() throws {
        try Usage.check("threads", threads, in: 1...1024)
        try Usage.check("repeat", repeats ?? 1, in: 1...10_000)
        guard (["all", "best"] + KernelBench.setNames).contains(kernels) else {
            throw ValidationError(
                "--kernels is '\(kernels)'; it must be all, best or one of \(KernelBench.setNames.joined(separator: ", "))"
            )
        }
    }

    mutating func run() throws {
        try ReportFiles(reports: [("json", json)], others: []).check()
        var options = quick ? KernelBenchOptions.quick : KernelBenchOptions()
        options.threads = threads
        if let repeats { options.repeats = repeats }
        let bench = try KernelBench(sets: kernels, options: options)
        let ceilings = bench.measureCeilings()
        var figures: [KernelFigure] = []
        bench.measure(beside: ceilings) { figures.append($0) }
        let table = KernelTable(ceilings: ceilings, figures: figures, threads: threads)
        if let json { try writeFile(json, table.json.indented + "\n") }
        Console.out(table.text)
    }
}

/// Speeds of kernels, for people and as JSON.
private struct KernelTable {
    let ceilings: [KernelCeilings]
    let figures: [KernelFigure]
    let threads: Int

    var text: String {
        let own = ceilings.map { ceiling in
            [ceiling.kernels]
                + [ceiling.int4, ceiling.int8, ceiling.f32].map { giga($0) }
                + [giga(ceiling.memoryOfOne), giga(ceiling.memory)]
        }
        let ceilingHeader = [
            "ceilings of \(threads) \(threads == 1 ? "thread" : "threads")", "int4 GOP/s", "int8 GOP/s", "f32 GOP/s",
            "memory GB/s, 1 thread", "memory GB/s",
        ]
        let rows = figures.map { figure in
            let (operations, bytes) = (figure.operationsPerSecond, figure.bytesPerSecond)
            return [
                figure.kernels, figure.name, figure.format ?? "", figure.rows.map(String.init) ?? "",
                figure.context.map(String.init) ?? "", figure.isCold ? "cold" : "warm",
                operations.median > 0 ? giga(operations.median) : "–",
                operations.best > 0 ? giga(operations.best) : "–",
                giga(bytes.median), figure.share.map { Quantities.percent($0) } ?? "–", figure.limit?.rawValue ?? "",
            ]
        }
        let header = [
            "kernels", "kernel", "stored as", "rows", "context", "data", "GOP/s", "best", "GB/s", "of the ceiling",
            "limit",
        ]
        return TextTable(header: ceilingHeader, rows: own).rendered() + "\n"
            + TextTable(header: header, rows: rows).rendered()
    }

    private func giga(_ value: Double?) -> String { value.map { Quantities.number($0 / 1e9) } ?? "–" }

    var json: JSONValue {
        let machine = MachineDescription(
            processor: Machine.processor, cores: Processors.available.count, memoryBytes: Machine.memoryBytes,
            kernels: ceilings.last?.kernels ?? "", system: Machine.system)
        return .object([
            .init("machine", machine.json), .init("threads", .integer(threads)),
            .init("ceilings", .array(ceilings.map(Self.json))), .init("runs", .array(figures.map(Self.json))),
        ])
    }

    private static func json(_ ceiling: KernelCeilings) -> JSONValue {
        .object([
            .init("kernels", .string(ceiling.kernels)),
            .init("int4_operations_per_second", ceiling.int4.map(JSONValue.number) ?? .null),
            .init("int8_operations_per_second", ceiling.int8.map(JSONValue.number) ?? .null),
            .init("f32_operations_per_second", ceiling.f32.map(JSONValue.number) ?? .null),
            .init("memory_bytes_per_second_one_thread", .number(ceiling.memoryOfOne)),
            .init("memory_bytes_per_second", .number(ceiling.memory)),
        ])
    }

    private static func json(_ figure: KernelFigure) -> JSONValue {
        let (operations, bytes) = (figure.operationsPerSecond, figure.bytesPerSecond)
        let counts = operations.median > 0
        return .object([
            .init("kernels", .string(figure.kernels)), .init("kernel", .string(figure.name)),
            .init("format", figure.format.map(JSONValue.string) ?? .null),
            .init("rows", figure.rows.map(JSONValue.integer) ?? .null),
            .init("context", figure.context.map(JSONValue.integer) ?? .null),
            .init("cold", .bool(figure.isCold)),
            .init("operations_per_second", counts ? .number(operations.median) : .null),
            .init("best_operations_per_second", counts ? .number(operations.best) : .null),
            .init("bytes_per_second", .number(bytes.median)), .init("best_bytes_per_second", .number(bytes.best)),
            .init("ceiling", figure.limit.map { .string($0.rawValue) } ?? .null),
            .init("share_of_ceiling", figure.share.map(JSONValue.number) ?? .null),
        ])
    }
}
