import ArgumentParser
import Benchmarks
import Platform
import Reporting

struct BenchTextCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "text",
        abstract: "Time the tokenizer and the chat template, on one core.",
        discussion: """
            Each line of the texts is one text; of a JSON object with a prompt, as in a workload, the prompt is. \
            MB/s are of UTF-8; the first pass meets each word for the first time.
            """)

    @Option(help: ArgumentHelp("The model, a GGUF file, or a tokenizer.json.", valueName: "file")) var model: String
    @Option(help: ArgumentHelp("The texts, one a line.", valueName: "file")) var texts: String
    @Option(help: ArgumentHelp("How often to do everything.", valueName: "n")) var `repeat` = 7
    @Option(help: ArgumentHelp("Write all figures as JSON.", valueName: "file")) var json: String?

    mutating func validate() throws { try Usage.check("repeat", `repeat`, in: 2...10_000) }

    mutating func run() throws {
        try ReportFiles(reports: [("json", json)], others: [("model", model), ("texts", texts)]).check()
        let cost = try TextBench(path: model, texts: texts).measure(repeats: `repeat`)
        let speed = { (seconds: Double) in Double(cost.bytes) / seconds / 1e6 }
        var rows = [
            ["vocabulary", "\(Quantities.grouped(cost.vocabulary)) tokens"],
            ["load", "\(Quantities.fixed(cost.loadSeconds * 1e3, digits: 1)) ms"],
            [
                "texts",
                "\(Quantities.grouped(cost.texts)), \(Quantities.grouped(cost.bytes)) bytes, "
                    + "\(Quantities.grouped(cost.tokens)) tokens",
            ],
            ["encode, first pass", "\(Quantities.fixed(speed(cost.firstSeconds), digits: 1)) MB/s"],
            ["encode, median", "\(Quantities.fixed(speed(cost.laterSeconds), digits: 1)) MB/s"],
        ]
        var figures: [JSONMember] = [
            .init("vocabulary", .integer(cost.vocabulary)), .init("load_seconds", .number(cost.loadSeconds)),
            .init("texts", .integer(cost.texts)), .init("bytes", .integer(cost.bytes)),
            .init("tokens", .integer(cost.tokens)), .init("first_pass_seconds", .number(cost.firstSeconds)),
            .init("encode_seconds", .number(cost.laterSeconds)),
        ]
        if let render = cost.renderSeconds {
            rows.append(["render \(TextBench.turns) turns", "\(Quantities.fixed(render * 1e3, digits: 3)) ms"])
            figures.append(.init("render_seconds", .number(render)))
        }
        if let json { try writeFile(json, JSONValue.object(figures).indented + "\n") }
        Console.out(TextTable(rows: rows).rendered())
    }
}
