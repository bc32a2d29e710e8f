import Reporting
import Scheduling
import Simulation
import Studies

/// Turns simulated runs into rows of reports.
enum SimulateRows {
    static func row(_ run: Study.Run, value: String?) -> SimulationReport.Row {
        let outcome = run.outcome
        let isForecasting = PolicyCatalogue.forecasting.contains(run.policy.name)
        let result = BenchmarkRun(
            label: run.policy.label, repetition: 1, figures: figures(run),
            lengths: isForecasting ? run.policy.lengths?.name ?? run.settings.predictor.text : nil,
            options: isForecasting ? run.policy.options.description : "",
            statistics: RunStatistics(recording: outcome.recording),
            timeToFirstToken: LatencyPercentiles(ofSeconds: outcome.requests.compactMap(\.secondsToFirstToken)),
            timePerOutputToken: LatencyPercentiles(ofSeconds: outcome.requests.compactMap(\.secondsPerToken)),
            tokenGaps: TokenGaps(outcome.tokenGaps))
        var row = SimulationReport.Row(value: value, label: run.policy.label, run: result)
        row.refused = run.refused
        row.prefillChunk = run.configuration.prefillChunk
        return row
    }

    /// The figures of `--stats`; `threads` are the devices of a stage.
    static func figures(_ run: Study.Run) -> RunSummary {
        let (outcome, deployment, settings) = (run.outcome, run.deployment, run.settings)
        let stages = 0..<deployment.plan.pipeline
        let devices = Double(deployment.plan.tensor)
        let blockTokens = Double(run.configuration.blockCount * run.configuration.tokensPerBlock)
        let weights = stages.reduce(0) { $0 + deployment.weightBytes(ofStage: $1) * devices }
        let pool = stages.reduce(0) { $0 + deployment.cacheBytesPerToken(ofStage: $1) * devices * blockTokens }
        var figures = summary(
            outcome, policy: run.policy.name, devices: deployment.plan.tensor,
            requests: outcome.requests.count - run.refused)
        figures.model = settings.model.name
        figures.weightsBytes = Int(exactly: weights.rounded())
        figures.kvPoolBytes = Int(exactly: pool.rounded())
        figures.extras = [
            .init("cluster", .string(settings.cluster.name)),
            .init("parallel", .string("\(deployment.plan)")),
            .init("stage_layers", .array(deployment.layout.layers.map { .integer($0) })),
            .init("weights", .string("\(settings.formats.weights)")),
            .init("arrivals", .string(settings.arrivals.text)),
            .init("seed", .integer(Int(exactly: settings.seed) ?? 0)),
            .init("prefill_chunk", .integer(run.configuration.prefillChunk)),
        ]
        return figures
    }

    static func summary(_ outcome: SimulatedRun, policy: String, devices: Int, requests: Int) -> RunSummary {
        var figures = RunSummary(
            policy: policy, stages: outcome.stages.count, threads: devices, requests: requests,
            promptTokens: outcome.promptTokens, outputTokens: outcome.outputTokens, wallSeconds: outcome.end.seconds,
            bubbleRatio: outcome.bubbleRatio, stageBusySeconds: outcome.stageBusySeconds,
            phaseSwitches: outcome.phaseSwitches, preemptions: outcome.counters.preemptions,
            recomputedTokens: outcome.counters.recomputedTokens, kvBlocksTotal: outcome.recording.blocksTotal,
            kvBlocksPeak: outcome.counters.blocksPeak)
        figures.trials = outcome.trials
        return figures
    }

    /// The label of the setting's line that a swept key changes.
    static func label(ofSwept sweep: Sweep) -> String {
        switch sweep.key {
        case "rate": "arrivals"
        case "prediction-error", "predictor-bias": "predictor"
        default: sweep.key
        }
    }

    /// What was simulated, for people.
    static func setting(
        _ settings: StudySettings, workload: StudyWorkload, level: ServiceLevel
    ) -> [RunSummary.Line] {
        var lines: [RunSummary.Line] = []
        func add(_ label: String, _ value: String) { lines.append(.init(label: label, value: value)) }
        add("model", settings.model.name)
        add("cluster", settings.cluster.name)
        add("parallel", settings.plan.map { "\($0)" } ?? "a stage for each device")
        add("weights", "\(settings.formats.weights)")
        add("workload", workload.name)
        add("requests", Quantities.grouped(settings.requests))
        add("seed", "\(settings.seed)")
        add("arrivals", settings.arrivals.text)
        add("predictor", settings.predictor.text)
        add("order", settings.order.rawValue)
        add("prefill-chunk", settings.prefillChunk.map { "\($0)" } ?? "each policy's own")
        if settings.profileError > 0 { add("profile-error", "\(settings.profileError)") }
        if let seconds = level.secondsToFirstToken { add("TTFT limit", Quantities.duration(seconds)) }
        if let seconds = level.secondsPerToken { add("TPOT limit", Quantities.duration(seconds)) }
        return lines
    }
}

extension TimelineFiles {
    /// Writes the timeline of a simulated run.
    func write(_ recording: BenchmarkPage.Recording, of report: SimulationReport) throws {
        guard let path = path(of: recording.label) else { return }
        let figures = report.rows.first { $0.label == recording.label }?.run?.figures
        let lines = (figures?.lines() ?? []).map { line in
            guard line.label == "stages", let figures else { return line }
            return RunSummary.Line(
                label: "stages", value: "\(figures.stages), simulated, \(figures.threads) devices each")
        }
        try writeFile(path, TimelinePage(recording: recording.recording, summary: lines).html)
    }
}
