import ArgumentParser
import Reporting
import Simulation
import Studies

struct PaperCommand: ParsableCommand {
    private static let name = "td-pipe-paper"

    static let configuration = CommandConfiguration(
        commandName: "paper",
        abstract: "Do the evaluation of a paper, with its published figures beside.",
        discussion: "\(name): TD-Pipe (arXiv 2506.10470), \(PaperCell.all.count) cells and the ablations.")

    @Argument(help: ArgumentHelp("The evaluation.", valueName: "name")) var name = Self.name
    @Option(
        help: ArgumentHelp("Lengths of the requests, as `simulate study` reads them.", valueName: "workload"))
    var workload = LengthShape.shareGPT.name
    @Option(help: ArgumentHelp("How many requests. (default: 5000)", valueName: "n")) var requests: String?
    @Option(help: ArgumentHelp("Of all that is drawn. (default: 0)", valueName: "n")) var seed: String?
    @OptionGroup var additions: CatalogueOption
    @OptionGroup var reports: ReportOptions
    @Flag(help: "Show no progress and no table.") var quiet = false

    mutating func validate() throws {
        guard name == Self.name else {
            throw ValidationError("there is no evaluation '\(name)'; evaluations: \(Self.name)")
        }
        _ = try Usage.read { try evaluation }
    }

    /// The evaluation with the settings of the flags.
    private var evaluation: PaperEvaluation {
        get throws {
            let workload = try SimulateStudy.workload(workload)
            var evaluation = PaperEvaluation(workload: workload)
            evaluation.catalogue = try SimulateStudy.catalogue(additions.catalogue)
            var settings = StudySettings(
                model: try evaluation.catalogue.model(named: PaperCell.all[0].model),
                cluster: try Cluster(PaperCell.all[0].cluster, from: evaluation.catalogue))
            settings.requests = evaluation.requests
            for (key, value) in [("requests", requests), ("seed", seed)] {
                if let value { try settings.set(key, to: value) }
            }
            evaluation.requests = settings.requests
            evaluation.seed = settings.seed
            return evaluation
        }
    }

    mutating func run() throws {
        let evaluation = try evaluation
        try ReportFiles(reports: reports.files, others: [("catalogue", additions.catalogue)]).check()
        var results: [PaperEvaluation.Result] = []
        for cell in PaperCell.all {
            let result = try evaluation.run(cell)
            results.append(result)
            tell("\(cell)", result.figures)
        }
        let most = PaperCell.deviceCounts.max() ?? 1
        var ablations: [PaperEvaluation.AblationResult] = []
        for whole in results where whole.cell.method == .tdPipe && whole.cell.devices == most && whole.cell.link == nil
        {
            for ablation in PaperAblation.all {
                guard let result = try evaluation.run(ablation, of: whole) else { continue }
                ablations.append(result)
                tell("\(whole.cell), \(ablation.part): \(ablation.label)", result.figures)
            }
        }
        let report = report(of: evaluation, results, ablations)
        try reports.write(
            json: EvaluationJSON(report: report).text, page: EvaluationPage(report: report).html)
        if !quiet { Console.out(EvaluationTable(report: report).rendered()) }
    }

    private func tell(_ what: String, _ figures: PaperEvaluation.Figures?) {
        guard !quiet else { return }
        let text = figures.map { figures in
            Quantities.rate(figures.totalTokensPerSecond, unit: "tok")
                + ", bubble \(Quantities.percent(figures.bubbleRatio, digits: 1))"
        }
        Console.error("\(what): \(text ?? "does not fit")")
    }

    private func report(
        of evaluation: PaperEvaluation, _ results: [PaperEvaluation.Result],
        _ ablations: [PaperEvaluation.AblationResult]
    ) -> EvaluationReport {
        EvaluationReport(
            commandLine: BenchResults.commandLine, title: "TD-Pipe's evaluation", subject: PaperMethod.tdPipe.rawValue,
            setting: [
                .init(label: "workload", value: evaluation.workload.name),
                .init(label: "requests", value: "\(evaluation.requests), all at once"),
                .init(label: "seed", value: "\(evaluation.seed)"), .init(label: "weights", value: "fp16"),
                .init(label: "predictor", value: "class-means"), .init(label: "order", value: "arrival"),
                .init(
                    label: "chunks",
                    value: PaperMethod.allCases.compactMap { method in
                        (try? StudyPolicy(method.policy)).map { "\(method.rawValue) \($0.ownPrefillChunk)" }
                    }.joined(separator: ", ")),
            ],
            findings: PaperFinding.all(of: results).map(\.text),
            cells: results.map { result in
                .init(
                    model: result.cell.model, cluster: result.cell.cluster, method: result.cell.method.rawValue,
                    figures: result.figures.map(Self.figures), failure: result.failure?.message)
            },
            ratios: PaperRatio.all(of: results).map {
                .init(
                    over: $0.method.rawValue, best: $0.best, least: $0.least,
                    place: "\($0.cell.model) on \($0.cell.cluster)", published: $0.method.publishedBest)
            },
            ablations: ablations.map {
                .init(
                    part: $0.ablation.part, label: $0.ablation.label, place: "\($0.model) on \($0.cluster)",
                    figures: Self.figures($0.figures), ofWhole: $0.ofWhole)
            })
    }

    private static func figures(_ figures: PaperEvaluation.Figures) -> EvaluationReport.Figures {
        .init(
            totalTokensPerSecond: figures.totalTokensPerSecond, bubbleRatio: figures.bubbleRatio,
            phaseSwitches: figures.phaseSwitches, preemptions: figures.preemptions,
            recomputedTokens: figures.recomputedTokens, blocks: figures.blocks)
    }
}
