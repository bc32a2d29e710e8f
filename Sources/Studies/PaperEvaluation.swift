import Scheduling
import Simulation

/// TD-Pipe's evaluation (arXiv 2506.10470, section 4) on simulated devices: 5,000 ShareGPT requests at once, FP16,
/// answers predicted by class means, all methods told the same requests in the same order.
///
/// Nothing in this evaluation was fitted to the paper's results: devices and links are those of the catalogue, and the
/// limits of micro-batches are each method's own (`StudyPolicy.ownPrefillChunk`).
package struct PaperEvaluation: Sendable {
    package var workload: StudyWorkload
    package var requests = 5000
    package var seed: UInt64 = 0
    package var catalogue = Catalogue.standard

    package init(workload: StudyWorkload) { self.workload = workload }

    /// The figures of one run.
    package struct Figures: Sendable, Hashable {
        package let totalTokensPerSecond: Double
        package let bubbleRatio: Double
        package let phaseSwitches: Int
        package let preemptions: Int
        package let recomputedTokens: Int
        package let blocks: Int

        init(_ run: Study.Run) {
            totalTokensPerSecond = run.outcome.totalTokensPerSecond
            bubbleRatio = run.outcome.bubbleRatio
            phaseSwitches = run.outcome.phaseSwitches
            preemptions = run.outcome.counters.preemptions
            recomputedTokens = run.outcome.counters.recomputedTokens
            blocks = run.configuration.blockCount
        }
    }

    /// A cell and its figures, or why the model does not fit.
    package struct Result: Sendable {
        package let cell: PaperCell
        package let outcome: Swift.Result<Figures, SimulationError>

        package var figures: Figures? { try? outcome.get() }
        package var failure: SimulationError? { if case .failure(let error) = outcome { error } else { nil } }
    }

    /// A replaced part of TD-Pipe and its figures.
    package struct AblationResult: Sendable {
        package let ablation: PaperAblation
        package let model: String
        package let cluster: String
        package let figures: Figures
        /// Tokens a second, divided by those of the whole method.
        package let ofWhole: Double
    }

    /// Runs a cell. A model that does not fit is a result, not an error.
    package func run(_ cell: PaperCell) throws(SimulationError) -> Result {
        do {
            let run = try study(of: cell).run(StudyPolicy(cell.method.policy, label: cell.method.rawValue))
            return Result(cell: cell, outcome: .success(Figures(run)))
        } catch {
            guard error.code == .doesNotFit else { throw error }
            return Result(cell: cell, outcome: .failure(error))
        }
    }

    /// Runs TD-Pipe with a part replaced, on the cluster of `whole`; nil unless `whole` is a TD-Pipe cell that fitted.
    package func run(_ ablation: PaperAblation, of whole: Result) throws(SimulationError) -> AblationResult? {
        guard whole.cell.method == .tdPipe, let reference = whole.figures else { return nil }
        var study = try study(of: whole.cell)
        if let predictor = ablation.predictor {
            study.settings.predictor = try PredictorChoice(parsing: predictor)
            study.settings.predictor.error = ablation.predictionError
        }
        let options: TDPipeOptions
        do { options = try TDPipeOptions(parsing: ablation.options) } catch {
            throw SimulationError(.invalidSetting, "\(error)", cause: error)
        }
        let run = try study.run(StudyPolicy("td-pipe", label: ablation.label, options: options))
        let figures = Figures(run)
        return AblationResult(
            ablation: ablation, model: whole.cell.model, cluster: whole.cell.cluster, figures: figures,
            ofWhole: figures.totalTokensPerSecond / reference.totalTokensPerSecond)
    }

    private func study(of cell: PaperCell) throws(SimulationError) -> Study {
        var settings = StudySettings(
            model: try catalogue.model(named: cell.model), cluster: try Cluster(cell.cluster, from: catalogue))
        settings.predictor = PredictorChoice(.workload(.classMeans))
        settings.plan =
            try cell.method.isTensorParallel
            ? ParallelPlan(tensor: cell.devices) : ParallelPlan(pipeline: cell.devices)
        if let most = cell.method.maxSequences { settings.maxSequences = most }
        settings.requests = requests
        settings.seed = seed
        var study = Study(settings: settings, workload: workload)
        study.recordsRuns = false
        return study
    }
}
