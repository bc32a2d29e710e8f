/// The same methods in many settings, to be written as a table, as JSON and as a page.
package struct SurveyReport: Sendable {
    /// A policy with its plan.
    package struct Method: Sendable, Hashable {
        package var label: String
        /// The kind of plan on several devices, unless a setting has its own.
        package var kind: PlanKind

        package init(label: String, kind: PlanKind) {
            self.label = label
            self.kind = kind
        }
    }

    /// The figures of a run.
    package struct Figures: Sendable, Hashable {
        /// The plan, such as `tp2pp2`.
        package var plan: String
        package var kind: PlanKind
        package var totalTokensPerSecond: Double
        /// Tokens a second over those of the best method of the row.
        package var ofBest: Double
        package var seconds: Double
        package var bubbleRatio: Double
        package var preemptions: Int
        package var recomputedTokens: Int
        package var blocks: Int
        /// Requests that context or pool can never hold.
        package var refused: Int

        package init(
            plan: String, kind: PlanKind, totalTokensPerSecond: Double, ofBest: Double, seconds: Double,
            bubbleRatio: Double, preemptions: Int, recomputedTokens: Int, blocks: Int, refused: Int
        ) {
            self.plan = plan
            self.kind = kind
            self.totalTokensPerSecond = totalTokensPerSecond
            self.ofBest = ofBest
            self.seconds = seconds
            self.bubbleRatio = bubbleRatio
            self.preemptions = preemptions
            self.recomputedTokens = recomputedTokens
            self.blocks = blocks
            self.refused = refused
        }
    }

    /// A method in a setting: figures, or the reason why there are none.
    package enum Cell: Sendable, Hashable {
        case run(Figures)
        case failure(String)

        var figures: Figures? { if case .run(let figures) = self { figures } else { nil } }
        var failure: String? { if case .failure(let reason) = self { reason } else { nil } }
    }

    /// A setting with all methods.
    package struct Row: Sendable, Hashable {
        package var cluster: String
        package var model: String
        package var workload: String
        package var requests: Int
        package var seed: UInt64
        /// Other settings of the row, by their names.
        package var extras: [RunSummary.Line]
        /// In the order of the methods.
        package var cells: [Cell]
        /// The place of the fastest method; nil if none ran.
        package var best: Int?

        package init(
            cluster: String, model: String, workload: String, requests: Int, seed: UInt64, extras: [RunSummary.Line],
            cells: [Cell], best: Int?
        ) {
            self.cluster = cluster
            self.model = model
            self.workload = workload
            self.requests = requests
            self.seed = seed
            self.extras = extras
            self.cells = cells
            self.best = best
        }
    }

    /// How one method did in all settings.
    package struct Standing: Sendable, Hashable {
        /// The settings in which it ran.
        package var ran: Int
        /// The settings in which no method was faster.
        package var won: Int
        /// The median and the least ratio to the best, and the row that has the least; nil if it never ran.
        package var ratios: Ratios?

        package struct Ratios: Sendable, Hashable {
            package var median: Double
            package var least: Double
            package var leastRow: Int

            package init(median: Double, least: Double, leastRow: Int) {
                self.median = median
                self.least = least
                self.leastRow = leastRow
            }
        }

        package init(ran: Int, won: Int, ratios: Ratios?) {
            self.ran = ran
            self.won = won
            self.ratios = ratios
        }
    }

    /// The command line as it was typed.
    package var commandLine: String
    /// The name of the list of settings.
    package var source: String
    package var methods: [Method]
    package var rows: [Row]
    /// In the order of the methods.
    package var standings: [Standing]

    package init(
        commandLine: String, source: String, methods: [Method], rows: [Row], standings: [Standing]
    ) {
        self.commandLine = commandLine
        self.source = source
        self.methods = methods
        self.rows = rows
        self.standings = standings
    }
}

extension SurveyReport {
    /// The rows in which a kind of plan has the fastest method.
    func wins(of kind: PlanKind) -> Int {
        rows.count { row in row.best.flatMap { row.cells[$0].figures }?.kind == kind }
    }

    /// Which kinds of plan and which methods are the fastest how often, in a sentence.
    var verdict: String {
        let ran = rows.count { $0.best != nil }
        guard ran > 0 else { return "Nothing could be run." }
        let names: [(PlanKind, String)] = [
            (.pipeline, "a pipeline"), (.tensor, "tensor parallelism"), (.mixed, "a mixed plan"),
        ]
        let kinds = names.map { kind, name in (name: name, won: wins(of: kind)) }
        let methods = zip(methods, standings).map { (name: $0.label, won: $1.won) }
        let missing = rows.count - ran
        return "Of \(ran) \(ran == 1 ? "setting" : "settings"), the fastest is \(Self.ranked(kinds)); by method, "
            + Self.ranked(methods) + (missing > 0 ? ". In \(missing) more nothing could be run." : ".")
    }

    /// Those that won anything, the most wins first, in the given order where wins are equal.
    private static func ranked(_ wins: [(name: String, won: Int)]) -> String {
        let ranked = wins.enumerated().filter { $0.element.won > 0 }
            .sorted { ($1.element.won, $0.offset) < ($0.element.won, $1.offset) }
        return ranked.map { "\($0.element.name) in \($0.element.won)" }.joined(separator: ", ")
    }

    /// The name of a row, for a sentence.
    func name(ofRow place: Int) -> String {
        let row = rows[place]
        return ([row.cluster, row.model, "\(row.workload) \(Quantities.grouped(row.requests))"] + particulars(of: row))
            .joined(separator: ", ")
    }

    /// What else names a row: its seed if not all rows have the same, and its own settings.
    func particulars(of row: Row) -> [String] {
        (hasSeveralSeeds ? ["seed \(row.seed)"] : []) + row.extras.map { "\($0.label)=\($0.value)" }
    }

    /// Whether rows differ in the seed.
    var hasSeveralSeeds: Bool { rows.contains { $0.seed != rows[0].seed } }

    /// A line for each reason why methods of a row have no figures, and for requests that some of them refused.
    var remarks: [String] {
        rows.indices.flatMap { place in
            let cells = zip(methods, rows[place].cells)
            let failures = Self.grouped(cells.map { ($0.label, $1.failure) }).map { reason, labels in
                "\(labels) not run: \(reason)"
            }
            let refusals = Self.grouped(
                cells.map { method, cell in (method.label, cell.figures.flatMap { $0.refused > 0 ? $0.refused : nil }) }
            ).map { count, labels in
                "\(labels) refused \(Quantities.grouped(count)) \(count == 1 ? "request" : "requests")"
            }
            return (failures + refusals).map { "\(name(ofRow: place)): \($0)" }
        }
    }

    /// The distinct values, in the order of first appearance, each with the labels that have it.
    private static func grouped<Value: Equatable>(_ values: [(label: String, value: Value?)]) -> [(Value, String)] {
        var found: [(value: Value, labels: [String])] = []
        for case (let label, let value?) in values {
            if let known = found.firstIndex(where: { $0.value == value }) {
                found[known].labels.append(label)
            } else {
                found.append((value, [label]))
            }
        }
        return found.map { ($0.value, $0.labels.joined(separator: ", ")) }
    }
}
