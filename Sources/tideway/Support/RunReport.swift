import BatchInference
import Platform
import Reporting

/// The figures of a finished run, as JSON and as a table.
struct RunReport {
    let figures: RunSummary

    init(_ outcome: BatchOutcome, policy: String) {
        let report = outcome.report
        var figures = RunSummary(
            policy: policy, stages: outcome.shape.stages, threads: outcome.shape.threads,
            requests: outcome.requestsEnded,
            promptTokens: outcome.promptTokens, outputTokens: outcome.outputTokens, wallSeconds: outcome.wallSeconds,
            bubbleRatio: report?.bubbleRatio ?? 0, stageBusySeconds: report?.stageBusySeconds ?? [],
            phaseSwitches: report?.phaseSwitches ?? 0, preemptions: report?.counters.preemptions ?? 0,
            recomputedTokens: report?.counters.recomputedTokens ?? 0, kvBlocksTotal: outcome.blocksTotal,
            kvBlocksPeak: report?.counters.blocksPeak ?? 0)
        figures.peakRSSBytes = PeakMemory.residentBytes
        figures.model = outcome.modelName
        figures.failedRequests = outcome.failed
        figures.weightsBytes = outcome.weightBytes
        figures.kvPoolBytes = outcome.kvPoolBytes
        figures.kvType = outcome.kvType.named
        figures.profile = outcome.profile.map { RunSummary.Profile(digest: $0.digest, ratio: $0.ratio) }
        figures.trials = report?.trials ?? []
        figures.extras = [
            .init("stage_layers", .array(outcome.layerCounts.map { .integer($0) })),
            .init("kernels", .string(outcome.kernels)),
        ]
        if let choice = outcome.shapeChoice { figures.extras.append(.init("shape", choice.json)) }
        if outcome.predictionSeconds > 0 {
            figures.extras.append(.init("prediction_seconds", .number(outcome.predictionSeconds)))
        }
        self.figures = figures
    }

    /// The table for people, with the paths of the files.
    func table(files: [[String]]) -> String {
        figures.table(title: "Run") + "\n" + TextTable(rows: files).rendered(indent: 2)
    }
}
