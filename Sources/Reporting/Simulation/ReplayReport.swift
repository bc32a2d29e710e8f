import Platform

/// Real runs, compared with their simulations.
package struct ReplayReport: Sendable {
    /// A simulation with the profile's times multiplied by `ratio`, the profile's error during the run: the remaining
    /// error is the simulator's own.
    package struct Scaled: Sendable, Hashable {
        /// Measured times over the profile's times.
        package var ratio: Double
        package var simulated: RunSummary

        package init(ratio: Double, simulated: RunSummary) {
            self.ratio = ratio
            self.simulated = simulated
        }
    }

    /// One run, real and simulated.
    package struct Row: Sendable, Hashable {
        package var label: String
        /// The repetition, counted from 1.
        package var repetition: Int
        package var realSeconds: Double
        package var realBubble: Double
        /// The simulation with the unscaled profile.
        package var simulated: RunSummary
        /// The simulation with the scaled profile; nil if the run does not record its ratio to the profile.
        package var scaled: Scaled?

        package init(
            label: String, repetition: Int, realSeconds: Double, realBubble: Double, simulated: RunSummary,
            scaled: Scaled? = nil
        ) {
            self.label = label
            self.repetition = repetition
            self.realSeconds = realSeconds
            self.realBubble = realBubble
            self.simulated = simulated
            self.scaled = scaled
        }

        /// Simulated over real makespan, minus 1.
        package var makespanError: Double { makespanError(simulated) }
        /// Simulated minus real bubble ratio.
        package var bubbleError: Double { simulated.bubbleRatio - realBubble }
        /// `makespanError` of the scaled simulation; nil without one.
        package var scaledMakespanError: Double? { scaled.map { makespanError($0.simulated) } }
        /// `bubbleError` of the scaled simulation; nil without one.
        package var scaledBubbleError: Double? { scaled.map { $0.simulated.bubbleRatio - realBubble } }

        private func makespanError(_ figures: RunSummary) -> Double {
            realSeconds > 0 ? figures.wallSeconds / realSeconds - 1 : 0
        }
    }

    package var commandLine: String
    package var setting: [RunSummary.Line]
    package var rows: [Row]

    package init(commandLine: String, setting: [RunSummary.Line], rows: [Row]) {
        self.commandLine = commandLine
        self.setting = setting
        self.rows = rows
    }

    private static let header = [
        "policy", "repeat", "real s", "simulated s", "error", "ratio", "scaled s", "error", "real bubble",
        "simulated bubble", "points",
    ]

    private func cells(_ row: Row) -> [String] {
        func signed(_ value: Double) -> String { (value > 0 ? "+" : "") + Quantities.fixed(value * 100, digits: 1) }
        let scaled = row.scaled
        return [
            row.label, "\(row.repetition)", Quantities.fixed(row.realSeconds, digits: 2),
            Quantities.fixed(row.simulated.wallSeconds, digits: 2), signed(row.makespanError) + " %",
            scaled.map { Quantities.fixed($0.ratio, digits: 3) } ?? "-",
            scaled.map { Quantities.fixed($0.simulated.wallSeconds, digits: 2) } ?? "-",
            row.scaledMakespanError.map { signed($0) + " %" } ?? "-",
            Quantities.percent(row.realBubble, digits: 1), Quantities.percent(row.simulated.bubbleRatio, digits: 1),
            signed(row.bubbleError),
        ]
    }

    /// The largest errors, in a sentence; empty without rows.
    private var worst: String {
        guard let makespan = rows.map(\.makespanError.magnitude).max(),
            let bubble = rows.map(\.bubbleError.magnitude).max()
        else { return "" }
        let scaled = rows.compactMap(\.scaledMakespanError?.magnitude).max()
        return "largest errors: makespan \(Quantities.percent(makespan, digits: 1)), "
            + (scaled.map { "scaled to the run \(Quantities.percent($0, digits: 1)), " } ?? "")
            + "bubble \(Quantities.fixed(bubble * 100, digits: 1)) points"
    }

    /// The report for a terminal: a row per run, and the largest errors. Ends with a newline; empty without rows.
    package func table(style: TextStyle = .unicode) -> String {
        guard !rows.isEmpty else { return "" }
        return TextTable(header: Self.header, rows: rows.map(cells)).rendered(style: style) + worst + "\n"
    }

    /// One object with `simulation` and `runs`: the keys of `--stats` for the run simulated with the unscaled profile,
    /// and keys for the real run and the scaled simulation; null where there is none.
    package var json: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map(JSONValue.number) ?? .null }
        return .object([
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
                            .init("real_profile_ratio", number(row.scaled?.ratio)),
                            .init("scaled_wall_seconds", number(row.scaled?.simulated.wallSeconds)),
                            .init("scaled_bubble_ratio", number(row.scaled?.simulated.bubbleRatio)),
                            .init("scaled_makespan_error", number(row.scaledMakespanError)),
                            .init("scaled_bubble_error", number(row.scaledBubbleError)),
                        ]
                        return figures.json
                    })),
        ])
    }

    /// The report as one HTML page that needs neither network nor script. Any text is safe in the report.
    package var html: String {
        PageFrame.page(
            title: "Simulation beside reality", heading: "Simulation beside reality",
            sections: [
                "<p class=\"headline\">\(TextEncodings.html(worst))</p>",
                PageFrame.list([RunSummary.Line(label: "command line", value: commandLine)] + setting),
                PageFrame.table(header: Self.header, rows: rows.map(cells)),
            ])
    }
}
