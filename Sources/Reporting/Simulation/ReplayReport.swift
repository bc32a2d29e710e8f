/// Real runs beside their simulations.
public struct ReplayReport: Sendable {
    /// One run, real and simulated.
    public struct Row: Sendable, Hashable {
        public var label: String
        /// Counted from 1.
        public var repetition: Int
        public var realSeconds: Double
        public var realBubble: Double
        public var simulated: RunSummary

        public init(
            label: String, repetition: Int, realSeconds: Double, realBubble: Double, simulated: RunSummary
        ) {
            self.label = label
            self.repetition = repetition
            self.realSeconds = realSeconds
            self.realBubble = realBubble
            self.simulated = simulated
        }

        /// Simulated over real makespan, less 1.
        public var makespanError: Double { realSeconds > 0 ? simulated.wallSeconds / realSeconds - 1 : 0 }
        /// Simulated less real bubble ratio.
        public var bubbleError: Double { simulated.bubbleRatio - realBubble }
    }

    public var commandLine: String
    public var setting: [RunSummary.Line]
    public var rows: [Row]

    public init(commandLine: String, setting: [RunSummary.Line], rows: [Row]) {
        self.commandLine = commandLine
        self.setting = setting
        self.rows = rows
    }

    private static let header = [
        "policy", "repeat", "real s", "simulated s", "error", "real bubble", "simulated bubble", "points",
    ]

    private func cells(_ row: Row) -> [String] {
        func signed(_ value: Double) -> String { (value > 0 ? "+" : "") + Quantities.fixed(value * 100, digits: 1) }
        return [
            row.label, "\(row.repetition)", Quantities.fixed(row.realSeconds, digits: 2),
            Quantities.fixed(row.simulated.wallSeconds, digits: 2), signed(row.makespanError) + " %",
            Quantities.percent(row.realBubble, digits: 1), Quantities.percent(row.simulated.bubbleRatio, digits: 1),
            signed(row.bubbleError),
        ]
    }

    /// The largest errors, in a sentence; empty without rows.
    private var worst: String {
        guard let makespan = rows.map(\.makespanError.magnitude).max(),
            let bubble = rows.map(\.bubbleError.magnitude).max()
        else { return "" }
        return "largest errors: makespan \(Quantities.percent(makespan, digits: 1)), bubble "
            + "\(Quantities.fixed(bubble * 100, digits: 1)) points"
    }

    /// For a terminal: a row a run, and the largest errors. Ends with a newline; empty without rows.
    public func table(style: TextStyle = .unicode) -> String {
        guard !rows.isEmpty else { return "" }
        return TextTable(header: Self.header, rows: rows.map(cells)).rendered(style: style) + worst + "\n"
    }

    /// One object with `simulation` and `runs`: the keys of `--stats` for the simulated run, and those of the real one.
    public var json: OrderedJSON {
        .object([
            .init(
                "simulation",
                .object(
                    [.init("command", .string(commandLine))]
                        + setting.map { .init($0.label.replacing(" ", with: "_"), .string($0.value)) })),
            .init(
                "runs",
                .array(
                    rows.map { row in
                        var figures = row.simulated
                        figures.extras += [
                            .init("label", .string(row.label)), .init("repeat", .integer(row.repetition)),
                            .init("real_wall_seconds", .number(row.realSeconds)),
                            .init("real_bubble_ratio", .number(row.realBubble)),
                            .init("makespan_error", .number(row.makespanError)),
                            .init("bubble_error", .number(row.bubbleError)),
                        ]
                        return figures.json
                    })),
        ])
    }

    /// One page that needs neither network nor script. Any text is safe in the report.
    public var html: String {
        PageFrame.page(
            title: "Simulation beside reality", heading: "Simulation beside reality",
            sections: [
                "<p class=\"headline\">\(TextEncodings.html(worst))</p>",
                PageFrame.list([RunSummary.Line(label: "command line", value: commandLine)] + setting),
                PageFrame.table(header: Self.header, rows: rows.map(cells)),
            ])
    }
}
