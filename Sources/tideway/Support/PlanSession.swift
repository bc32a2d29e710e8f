import ArgumentParser
import Platform
import Reporting
import Scheduling
import Simulation
import Studies

/// All parallel plans for a model on a cluster, each with all policies, on all cores.
struct PlanSession {
    /// The most requests that are simulated unless more are asked for.
    static let sampleSize = 1000

    private let command: PlanCommand
    private let settings: StudySettings
    private let workload: StudyWorkload
    private let policies: [StudyPolicy]

    /// Reads the cluster, model, workload and settings that the flags name.
    /// - Throws: an error of usage that says what is possible.
    init(_ command: PlanCommand) throws {
        self.command = command
        let catalogue = try SimulateStudy.catalogue(command.additions.catalogue)
        let workload = try SimulateStudy.workload(command.workload)
        self.workload = workload
        settings = try Usage.read {
            let (shape, weights) = try SimulateStudy.model(command.model, in: catalogue)
            var settings = StudySettings(model: shape, cluster: try Cluster(command.cluster, from: catalogue))
            if let weights { settings.formats.weights = weights }
            settings.requests = min(workload.count ?? Self.sampleSize, Self.sampleSize)
            for (key, value) in command.settings {
                if let value { try settings.set(key, to: value, from: catalogue) }
            }
            return settings
        }
        let names = command.policies ?? PolicyCatalogue.compared.joined(separator: ",")
        guard !names.contains("@") else {
            throw ValidationError("--policies '\(names)' names a plan after @; each policy runs on all plans here")
        }
        policies = try StudyPolicy.list(parsing: names, options: nil)
    }

    func run() throws {
        try ReportFiles(reports: [("json", command.json)], others: [("catalogue", command.additions.catalogue)]).check()
        let study = try PlanStudy(settings: settings, workload: workload, policies: policies)
        let isQuiet = command.quiet
        let outcomes = try OrderedTasks.results(
            study.runs, threads: Processors.available.count, of: { study.run($0) },
            tell: { number, outcome in
                if !isQuiet { Self.tell(study, number, outcome) }
            })
        let report = report(of: try study.ranking(of: outcomes))
        if let json = command.json { try writeFile(json, PlanJSON(report: report).text) }
        if !isQuiet { Console.out(String(PlanTable(report: report).rendered().dropLast())) }
    }

    private static func tell(
        _ study: PlanStudy, _ number: Int, _ outcome: Result<PlanStudy.Candidate, SimulationError>
    ) {
        let count = study.policies.count
        let rate = (try? outcome.get()).map { Quantities.rate($0.figures.totalTokensPerSecond, unit: "tok") }
        let name = "\(study.plans[number / count]), \(study.policies[number % count].label)"
        Console.error("\(number + 1)/\(study.runs) \(name): \(rate ?? "not run")")
    }

    private func report(of ranking: PlanRanking) -> PlanReport {
        // A trace may have fewer requests than were asked for.
        let simulated =
            if case .trace = workload.source { min(settings.requests, workload.count ?? settings.requests) } else {
                settings.requests
            }
        return PlanReport(
            commandLine: BenchResults.commandLine, model: settings.model.name, cluster: settings.cluster.name,
            devices: settings.cluster.devices, link: settings.cluster.link.name,
            requests: .init(workload: workload.name, simulated: simulated, available: workload.count),
            setting: [
                .init(label: "weights", value: "\(settings.formats.weights)"),
                .init(label: "arrivals", value: settings.arrivals.text),
                .init(label: "seed", value: "\(settings.seed)"),
            ],
            candidates: ranking.candidates.map(Self.candidate),
            comparisons: ranking.differences.compactMap { difference in
                ranking.candidates.firstIndex(of: difference.rival).map {
                    .init(
                        rival: $0, causes: difference.causes.map(Self.use), against: difference.against.map(Self.use))
                }
            },
            excluded: ranking.excluded.map { .init(plan: "\($0.plan)", policy: $0.policy, reason: $0.reason) },
            isPaced: ranking.isPaced)
    }

    private static func candidate(_ candidate: PlanStudy.Candidate) -> PlanReport.Candidate {
        let (figures, budget) = (candidate.figures, candidate.budget)
        return PlanReport.Candidate(
            plan: "\(candidate.plan)", kind: PlanKind(candidate.plan.parallelism), policy: candidate.policy,
            totalTokensPerSecond: figures.totalTokensPerSecond, seconds: figures.seconds,
            bubbleRatio: figures.bubbleRatio, preemptions: figures.preemptions,
            recomputedTokens: figures.recomputedTokens, refused: figures.refused, poolBytes: candidate.poolBytes,
            poolTokens: candidate.poolTokens, meanSecondsOfRequest: candidate.meanSecondsOfRequest,
            microBatches: budget.microBatches,
            uses: Dictionary(uniqueKeysWithValues: TimeBudget.Use.allCases.map { (use($0), budget[$0]) }))
    }

    private static func use(_ use: TimeBudget.Use) -> PlanReport.Use {
        switch use {
        case .idle: .idle
        case .links: .links
        case .weights: .weights
        case .rest: .rest
        }
    }
}
