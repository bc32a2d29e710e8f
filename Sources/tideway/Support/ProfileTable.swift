import Inference
import Reporting
import Scheduling

/// A step profile for people.
enum ProfileTable {
    /// A line for one measurement.
    static func line(_ sample: StepSample) -> String {
        let load = sample.load
        let what = isPrefill(sample) ? "\(load.tokens) prompt tokens" : "\(load.sequences) sequences"
        let times = sample.stageSeconds.map { Quantities.fixed($0 * 1000, digits: 2) }.joined(separator: " / ")
        return "\(what), context \(load.context): \(times) ms"
    }

    /// A prompt of one token is a decode step without a past.
    private static func isPrefill(_ sample: StepSample) -> Bool { sample.load.tokens > sample.load.sequences }

    /// Prompts, then decode steps by their context: a row per sample, with the error of the fitted costs.
    static func text(_ profile: StepProfile) throws -> String {
        let costs = try profile.costs()
        let stages = profile.stages <= 4 ? Array(0..<profile.stages) : []
        let header =
            ["kind", "tokens", "context"] + stages.map { "stage \($0), ms" } + ["slowest, ms", "tokens/s", "fit error"]
        let prompts = profile.samples.filter(isPrefill)
        let decodes = profile.samples.filter { !isPrefill($0) }.sorted {
            ($0.load.context / $0.load.tokens, $0.load.tokens) < ($1.load.context / $1.load.tokens, $1.load.tokens)
        }
        let rows = (prompts + decodes).map { sample in
            let slowest = sample.stageSeconds.max() ?? 0
            let fitted = costs.slowest(sample.load)
            return [
                isPrefill(sample) ? "prefill" : "decode", Quantities.grouped(sample.load.tokens),
                Quantities.grouped(sample.load.context),
            ]
                + stages.map { Quantities.fixed(sample.stageSeconds[$0] * 1000, digits: 3) }
                + [
                    Quantities.fixed(slowest * 1000, digits: 3),
                    Quantities.number(Double(sample.load.tokens) / slowest),
                    Quantities.percent((fitted - slowest) / slowest, digits: 1),
                ]
        }
        let residuals = costs.residuals
        return "\(profile.model), \(profile.stages) stages of \(profile.threads) threads, layers "
            + profile.layerCounts.map(String.init).joined(separator: " + ") + "\n"
            + TextTable(header: header, rows: rows).rendered()
            + "fit: median error \(Quantities.percent(residuals.median, digits: 1)), worst "
            + "\(Quantities.percent(residuals.worst, digits: 1))\n"
    }
}
