import ArgumentParser
import Platform
import Reporting
import Simulation
import Studies

/// Many settings, each with all methods, on all cores.
struct SimulateSurvey {
    private let command: SurveyCommand
    private let survey: Survey

    /// Reads the settings and the methods that the flags name.
    /// - Throws: an error of usage that says what is possible.
    init(_ command: SurveyCommand) throws {
        self.command = command
        let catalogue = try SimulateStudy.catalogue(command.additions.catalogue)
        let reader = SurveyReader(
            catalogue: catalogue, model: { try SimulateStudy.model($0, in: catalogue) },
            workload: { try SimulateStudy.workload($0) })
        let text =
            try command.settings.map { String(decoding: try SmallFile.read($0), as: UTF8.self) } ?? StandardSurvey.text
        let source = command.settings ?? "the built-in settings"
        var settings: [SurveySetting]
        do throws(SimulationError) { settings = try reader.settings(of: text) } catch {
            throw ValidationError("\(source), \(error.message)")
        }
        if let predictor = command.predictor {
            settings = try Usage.read { try settings.map { try $0.with(default: predictor, for: "predictor") } }
        }
        survey = Survey(
            settings: settings, methods: try StudyMethod.list(parsing: command.policies ?? StudyMethod.compared))
    }

    func run() throws {
        try ReportFiles(
            reports: [("json", command.json), ("page", command.page)],
            others: [("settings", command.settings), ("catalogue", command.additions.catalogue)]
        ).check()
        let (survey, isQuiet) = (survey, command.quiet)
        let methods = survey.methods.count
        let outcomes = try OrderedTasks.results(
            survey.settings.count * methods, threads: Processors.available.count,
            of: { survey.run(setting: $0 / methods, method: $0 % methods) },
            tell: { number, outcome in
                if !isQuiet { Self.tell(survey, setting: number / methods, method: number % methods, outcome) }
            })
        let report = report(of: try survey.rows(of: outcomes))
        if let json = command.json { try writeFile(json, SurveyJSON(report: report).text) }
        if let page = command.page { try writeFile(page, SurveyPage(report: report).html) }
        if !isQuiet { Console.out(String(SurveyTable(report: report).rendered().dropLast())) }
        guard report.rows.contains(where: { $0.best != nil }) else { throw ExitCode(1) }
    }

    private static func tell(_ survey: Survey, setting: Int, method: Int, _ outcome: Survey.Outcome) {
        let (entry, label) = (survey.settings[setting], survey.methods[method].label)
        let count = Quantities.grouped(entry.settings.requests)
        let place = "\(entry.settings.cluster.name), \(entry.settings.model.name), \(entry.workload.name) \(count)"
        let figures = (try? outcome.get()).map { figures in
            Quantities.rate(figures.totalTokensPerSecond, unit: "tok")
                + ", bubble \(Quantities.percent(figures.bubbleRatio, digits: 1))"
        }
        Console.error("\(setting + 1)/\(survey.settings.count) \(place), \(label): \(figures ?? "not run")")
    }

    private func report(of rows: [SurveyRow]) -> SurveyReport {
        SurveyReport(
            commandLine: BenchResults.commandLine, source: command.settings ?? "built in",
            methods: survey.methods.map {
                .init(label: $0.label, kind: PlanKind($0.plan?.parallelism ?? .pipeline))
            },
            rows: zip(survey.settings, rows).map { setting, row in
                .init(
                    cluster: setting.settings.cluster.name, model: setting.settings.model.name,
                    workload: setting.workload.name, requests: setting.settings.requests, seed: setting.settings.seed,
                    extras: setting.extras.map { .init(label: $0.key, value: $0.value) },
                    cells: row.outcomes.indices.map { Self.cell(of: row, method: $0) }, best: row.best)
            },
            standings: survey.methods.indices.map { method in
                let standing = SurveyStanding(of: method, in: rows)
                var ratios: SurveyReport.Standing.Ratios?
                if let median = standing.median, let least = standing.least {
                    ratios = .init(median: median, least: least.ratio, leastRow: least.setting)
                }
                return .init(ran: standing.ran, won: standing.won, ratios: ratios)
            })
    }

    private static func cell(of row: SurveyRow, method: Int) -> SurveyReport.Cell {
        switch row.outcomes[method] {
        case .failure(let error): return .failure(error.message)
        case .success(let figures):
            return .run(
                .init(
                    plan: "\(figures.plan)", kind: PlanKind(figures.plan.parallelism),
                    totalTokensPerSecond: figures.totalTokensPerSecond, ofBest: row.ratio(method) ?? 0,
                    seconds: figures.seconds, bubbleRatio: figures.bubbleRatio, preemptions: figures.preemptions,
                    recomputedTokens: figures.recomputedTokens, blocks: figures.blocks, refused: figures.refused))
        }
    }
}
