import Scheduling

/// The tables below the chart: the chart's content, for readers who cannot see it or want figures.
struct TimelineTables {
    let steps: [StepRecord]
    let statistics: RunStatistics

    /// The most switches that the table lists; the chart has all.
    static let switchesListed = 200

    /// Busy and idle shares of each stage and of all together.
    var stages: String {
        let makespan = statistics.makespanSeconds
        func share(_ share: Double) -> String { makespan > 0 ? Quantities.percent(share, digits: 1) : "–" }
        func row(_ name: String, batches: Int, busy: Double, head: Double, stages: Int, idle: IdleByCause) -> String {
            let scale = makespan > 0 ? 1 / (makespan * Double(stages)) : 0
            let causes = IdleCause.allCases.map { "<td>\(share(idle[$0] * scale))</td>" }.joined()
            return "<th scope=\"row\">\(name)</th><td>\(Quantities.grouped(batches))</td>"
                + "<td>\(Quantities.fixed(busy, digits: 3)) s</td><td>\(share(busy * scale))</td>"
                + "<td>\(share(head * scale))</td>\(causes)"
        }
        var rows = statistics.stages.map { stage in
            "<tr>"
                + row(
                    "stage \(stage.stage.rawValue)", batches: stage.microBatches, busy: stage.busySeconds,
                    head: stage.headSeconds, stages: 1, idle: stage.idle) + "</tr>"
        }
        if statistics.stages.count > 1 {
            rows.append(
                "<tr class=\"total\">"
                    + row(
                        "all stages", batches: statistics.total.microBatches,
                        busy: statistics.stageBusySeconds.reduce(0, +),
                        head: statistics.stages.reduce(0) { $0 + $1.headSeconds }, stages: statistics.stages.count,
                        idle: statistics.idleShares.scaled(by: makespan * Double(statistics.stages.count))) + "</tr>")
        }
        let causes = IdleCause.allCases.map { "<th scope=\"col\">\($0.rawValue)</th>" }.joined()
        let span = Quantities.fixed(makespan, digits: 3)
        return """
            <details\(statistics.stages.count <= 8 ? " open" : "")>
            <summary>Busy and idle time of each stage, of \(span) s from the first span to the last</summary>
            <div class="scroll"><table>
            <thead><tr><td></td><th scope="col">micro-batches</th><th scope="col" colspan="2">busy</th>
            <th scope="col">of it head</th>\(causes)</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table></div>
            </details>
            """
    }

    /// All trials of policies with what they found, each with a link to its place in the chart; empty if there was none.
    var trials: String {
        let trials = steps.flatMap(\.recordedTrials)
        guard let first = trials.first else { return "" }
        let names = first.trial.candidates.map { "<th scope=\"col\">\(TextEncodings.html($0.name))</th>" }.joined()
        return """
            <details open>
            <summary>Trials of policies: how much each would get done in a second, against the one in charge</summary>
            <div class="scroll"><table class="trials">
            <thead><tr><td></td><th scope="col">time</th>
            <th scope="col" class="text">occasion</th>\(names)
            <th scope="col" class="text">goes on</th>
            <th scope="col">requests waiting</th><th scope="col">requests active</th>
            <th scope="col">answers known</th><th scope="col">micro-batch</th></tr></thead>
            <tbody>
            \(trials.map(row).joined(separator: "\n"))
            </tbody>
            </table></div>
            </details>
            """
    }

    private func row(_ recorded: RecordedTrial) -> String {
        let trial = recorded.trial
        let rates = trial.candidates.map { "<td>\(PolicyTrials.rate($0))</td>" }.joined()
        let chosen = TextEncodings.html(PolicyTrials.chosen(trial))
        return "<tr><th scope=\"row\">\(Quantities.grouped(trial.number))</th>"
            + "<td>\(link(to: recorded.time.seconds))</td>"
            + "<td class=\"text\">\(trial.occasion.rawValue)</td>\(rates)"
            + "<td class=\"text\">\(trial.isChange ? "<b>\(chosen)</b>" : chosen)</td>"
            + "<td>\(Quantities.grouped(trial.waiting))</td><td>\(Quantities.grouped(trial.active))</td>"
            + "<td>\(Quantities.grouped(trial.answers))</td><td>\(recorded.microBatch.rawValue)</td></tr>"
    }

    /// A time as a link to its place in the chart.
    private func link(to time: Double) -> String {
        let margin = statistics.makespanSeconds * 0.01
        let from = Quantities.fixed(max(0, time - margin), digits: 6)
        let to = Quantities.fixed(time + margin, digits: 6)
        return "<a href=\"#t=\(from)-\(to)\">\(Quantities.fixed(time, digits: 3)) s</a>"
    }

    /// The first switches with the figures that decided them, each with a link to its place in the chart; empty if the
    /// policy recorded no switch.
    var switches: String {
        let switches = steps.compactMap { step in step.decision.map { (step: step, decision: $0) } }
        guard !switches.isEmpty else { return "" }
        let shown = switches.prefix(Self.switchesListed)
        let rows = shown.enumerated().map { row($1.step, $1.decision, number: $0 + 1) }.joined(separator: "\n")
        let all = Quantities.grouped(switches.count)
        let title =
            shown.count < switches.count ? "The first \(shown.count) of \(all) phase switches" : "Phase switches"
        return """
            <details\(shown.count <= 40 ? " open" : "")>
            <summary>\(title), with the figures that decided them</summary>
            <div class="scroll"><table class="switches">
            <thead><tr><td></td><th scope="col">time</th>
            <th scope="col" class="text">to</th><th scope="col" class="text">reason</th>
            <th scope="col">spatial intensity</th><th scope="col">temporal intensity</th>
            <th scope="col">requests waiting</th><th scope="col">sequences decoding</th>
            <th scope="col">micro-batch</th></tr></thead>
            <tbody>
            \(rows)
            </tbody>
            </table></div>
            </details>
            """
    }

    private func row(_ step: StepRecord, _ decision: PhaseDecision, number: Int) -> String {
        func intensity(_ value: Double?) -> String { value.map { Quantities.fixed($0, digits: 4) } ?? "–" }
        return "<tr><th scope=\"row\">\(Quantities.grouped(number))</th>"
            + "<td>\(link(to: step.dispatched.seconds))</td>"
            + "<td class=\"text\">\(decision.to.rawValue)</td>"
            + "<td class=\"text\">\(TextEncodings.html(decision.reason.rawValue))</td>"
            + "<td>\(intensity(decision.spatial))</td><td>\(intensity(decision.temporal))</td>"
            + "<td>\(Quantities.grouped(decision.waiting))</td><td>\(Quantities.grouped(decision.decoding))</td>"
            + "<td>\(step.microBatch.rawValue)</td></tr>"
    }
}
