extension RunSummary {
    /// A line of a summary for people.
    package struct Line: Sendable, Hashable {
        package let label: String
        package let value: String

        package init(label: String, value: String) {
            self.label = label
            self.value = value
        }
    }

    /// The figures as labels and values with units, in reading order: for the terminal and for `TimelinePage`.
    package func lines(style: TextStyle = .unicode) -> [Line] {
        let separator = style.groupSeparator
        func count(_ value: Int) -> String { Quantities.grouped(value, separator: separator) }
        func rate(_ value: Double) -> String { Quantities.rate(value, unit: "tok", separator: separator) }
        var lines: [Line] = []
        func add(_ label: String, _ value: String?) {
            if let value { lines.append(Line(label: label, value: value)) }
        }
        add("model", model)
        add("policy", policy + (PolicyTrials(trials).course(style: style).map { ": \($0)" } ?? ""))
        add("stages", "\(stages), \(threads) \(threads == 1 ? "thread" : "threads") each")
        add("requests", count(requests) + (failedRequests.map { $0 > 0 ? ", \(count($0)) failed" : "" } ?? ""))
        add("prompt tokens", count(promptTokens))
        add("output tokens", count(outputTokens))
        add("wall time", Quantities.duration(wallSeconds, style: style))
        add("throughput", rate(totalTokensPerSecond))
        add("output throughput", rate(outputTokensPerSecond))
        add("bubble ratio", Quantities.percent(bubbleRatio, digits: 1))
        add("stage busy", stageBusySeconds.isEmpty ? nil : busyList(style))
        add("stage times", profile.map { Quantities.fixed($0.ratio, digits: 3) + " times the profile's" })
        add("phase switches", count(phaseSwitches))
        add("preemptions", count(preemptions) + recomputed(count))
        add("KV blocks, peak", "\(count(kvBlocksPeak)) of \(count(kvBlocksTotal))" + share)
        add("KV pool", kvPoolBytes.map { Quantities.bytes($0) + (kvType.map { ", \($0)" } ?? "") })
        add("weights", weightsBytes.map(Quantities.bytes))
        add("peak memory", peakRSSBytes.map(Quantities.bytes))
        return lines
    }

    /// A title, a rule and one line per figure, with a newline at the end.
    package func table(title: String = "Run", style: TextStyle = .unicode) -> String {
        let rule = String(repeating: style.rule, count: max(1, title.displayWidth))
        // Values mix numbers and words, so they form one flush-left column; the numbers are read, not compared.
        let lines = lines(style: style)
        let width = lines.map(\.label.displayWidth).max() ?? 0
        let body = lines.map { line in
            line.label + String(repeating: " ", count: width - line.label.displayWidth + 2)
                + TextTable.onOneLine(line.value) + "\n"
        }
        return title + "\n" + rule + "\n" + body.joined()
    }

    /// Each stage's busy seconds, or the least and the most if there are many stages.
    private func busyList(_ style: TextStyle) -> String {
        func text(_ seconds: Double) -> String { Quantities.number(seconds, separator: style.groupSeparator) }
        let unit = style == .unicode ? "\u{00A0}s" : " s"
        if stageBusySeconds.count <= 8 { return stageBusySeconds.map(text).joined(separator: " / ") + unit }
        return text(stageBusySeconds.min() ?? 0) + " to " + text(stageBusySeconds.max() ?? 0) + unit
    }

    private var share: String {
        kvBlocksTotal > 0 ? " (" + Quantities.percent(Double(kvBlocksPeak) / Double(kvBlocksTotal)) + ")" : ""
    }

    private func recomputed(_ count: (Int) -> String) -> String {
        recomputedTokens > 0 ? ", \(count(recomputedTokens)) tokens recomputed" : ""
    }
}
