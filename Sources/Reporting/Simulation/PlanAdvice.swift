/// The sentences of a plan: what is best, why, and what was simulated.
struct PlanAdvice {
    let report: PlanReport
    var style = TextStyle.unicode

    private var best: PlanReport.Candidate { report.candidates[0] }

    /// What is best, and by how much.
    var verdict: String {
        let figures = report.isPaced ? "a request takes \(duration(best.meanSecondsOfRequest))" : rate(best)
        let start = "Best: \(best.name), \(figures)"
        guard let nearest = report.comparisons.first else { return "\(start). \(only)" }
        let others = report.comparisons.map { comparison in
            let rival = report.candidates[comparison.rival]
            let kind = Self.description(of: rival)
            return report.isPaced
                ? "\(duration(rival.meanSecondsOfRequest)) with \(rival.name), \(kind)"
                : "\(ratio(best.totalTokensPerSecond, rival.totalTokensPerSecond)) times \(rival.name), \(kind)"
        }
        let preference = preference(over: report.candidates[nearest.rival])
        return "\(preference) \(start); \(others.joined(separator: ", and "))."
    }

    /// Why, computed from the figures; empty if there is nothing to compare.
    var reason: String {
        report.comparisons.map { comparison in
            let rival = report.candidates[comparison.rival]
            if report.isPaced {
                return "\(best.name) makes \(rate(best)) and its stages wait \(percent(best, .idle)) of the time; "
                    + "\(rival.name) makes \(rate(rival)) and waits \(percent(rival, .idle))."
            }
            var text = comparison.causes.map { sentence(of: $0, worse: rival, better: best) + "." }
            if let against = comparison.against {
                text.append("Against that, \(lowered(sentence(of: against, worse: best, better: rival))).")
            }
            return text.joined(separator: " ")
        }.joined(separator: " ")
    }

    /// What was simulated, and whether it was all there is.
    var sample: String {
        let requests = report.requests
        let count = Quantities.grouped(requests.simulated, separator: style.groupSeparator)
        let runs = "\(report.candidates.count) \(report.candidates.count == 1 ? "run" : "runs")"
        guard let available = requests.available else {
            return
                "\(runs) of \(count) requests each, a sample drawn from \(requests.workload). The best plan depends on "
                + "their number: --requests sets it."
        }
        let all = Quantities.grouped(available, separator: style.groupSeparator)
        return requests.isSample
            ? "\(runs) of \(count) requests each, a sample of the \(all) of \(requests.workload). The best plan depends on "
                + "their number: --requests \(available) simulates all."
            : "\(runs) of \(count) requests each, from the \(all) of \(requests.workload)."
    }

    /// Why there is nothing to compare.
    private var only: String {
        report.devices > 1 ? "No other plan fits." : "A single device has nothing to share out."
    }

    private func preference(over rival: PlanReport.Candidate) -> String {
        let gain =
            report.isPaced
            ? rival.meanSecondsOfRequest / max(best.meanSecondsOfRequest, 1e-12)
            : best.totalTokensPerSecond / max(rival.totalTokensPerSecond, 1e-12)
        let subject =
            switch (best.kind, rival.kind) {
            case (let one, let other) where one == other: "\(best.plan) is"
            case (.pipeline, _): "A pipeline is"
            case (.tensor, _): "Tensor parallelism is"
            case (.mixed, _): "A mix of pipeline and tensor parallelism is"
            }
        return gain < 1.02 ? "\(subject) hardly better here (less than 2 %)." : "\(subject) better here."
    }

    private static func description(of candidate: PlanReport.Candidate) -> String {
        switch candidate.kind {
        case .pipeline: "the best pipeline"
        case .tensor: "the best with tensor parallelism"
        case .mixed: "the best mixed plan"
        }
    }

    /// How a use of the time makes one candidate slower than another.
    private func sentence(
        of use: PlanReport.Use, worse: PlanReport.Candidate, better: PlanReport.Candidate
    ) -> String {
        switch use {
        case .idle:
            return "On \(worse.plan) the stages wait \(part(worse, use)), on \(better.plan) \(part(better, use))"
        case .links:
            let other = better.uses[use] ?? 0 > 0 ? "\(part(better, use)) on \(better.plan)" : "none on \(better.plan)"
            return "Exchanges between the devices of a stage over \(report.link) take \(part(worse, use)) on "
                + "\(worse.plan), and \(other)"
        case .weights:
            let count = ratio(Double(worse.microBatches), Double(better.microBatches))
            return "\(worse.plan) reads the weights \(count) times as often as \(better.plan) (\(grouped(worse)) "
                + "micro-batches against \(grouped(better))), which takes \(part(worse, use)), against "
                + part(better, use)
        case .rest:
            return "Arithmetic, keys and values and launches take \(duration(worse.uses[use] ?? 0)) of each device on "
                + "\(worse.plan), \(duration(better.uses[use] ?? 0)) on \(better.plan)"
        }
    }

    private func lowered(_ sentence: String) -> String {
        // A plan's name is lower case already.
        sentence.prefix(1).lowercased() + sentence.dropFirst()
    }

    private func rate(_ candidate: PlanReport.Candidate) -> String {
        Quantities.rate(candidate.totalTokensPerSecond, unit: "tok", separator: style.groupSeparator)
    }

    private func grouped(_ candidate: PlanReport.Candidate) -> String {
        Quantities.grouped(candidate.microBatches, separator: style.groupSeparator)
    }

    private func percent(_ candidate: PlanReport.Candidate, _ use: PlanReport.Use) -> String {
        Quantities.percent(candidate.share(use), digits: 1)
    }

    /// The seconds that a use takes of the run: seconds of different runs compare, their shares do not.
    private func part(_ candidate: PlanReport.Candidate, _ use: PlanReport.Use) -> String {
        "\(duration(candidate.uses[use] ?? 0)) of \(duration(candidate.seconds))"
    }

    private func duration(_ seconds: Double) -> String { Quantities.duration(seconds, style: style) }

    private func ratio(_ one: Double, _ other: Double) -> String {
        other > 0 ? Quantities.fixed(one / other, digits: 2) : "-"
    }
}
