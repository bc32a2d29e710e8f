import ArgumentParser
import Benchmarks
import Inference
import Platform
import Reporting
import Scheduling
import Simulation
import Studies

/// Policies on a cluster, once or with several values of one setting.
struct SimulateStudy {
    private let command: StudyCommand
    private let catalogue: Catalogue
    private let workload: StudyWorkload
    private let settings: StudySettings
    private let policies: [StudyPolicy]
    private let sweep: Sweep?
    /// The values of the sweep with their settings; without a sweep, one point without a value.
    private let points: [(value: String?, settings: StudySettings)]
    private let level: ServiceLevel
    private let search: GoodputSearch?
    private let timelines: TimelineFiles

    /// Reads the cluster, model, workload and settings that the flags name.
    /// - Throws: an error of usage that says what is possible.
    init(_ command: StudyCommand) throws {
        self.command = command
        guard let cluster = command.cluster, let model = command.model else {
            let missing = command.cluster == nil ? "cluster 4xL20" : "model Llama-2-13B"
            throw ValidationError("--\(missing.split(separator: " ")[0]) is missing, such as --\(missing)")
        }
        let catalogue = try Self.catalogue(command.additions.catalogue)
        self.catalogue = catalogue
        workload = try Self.workload(command.workload ?? LengthShape.shareGPT.name)
        settings = try Usage.read {
            let (shape, weights) = try Self.model(model, in: catalogue)
            var settings = StudySettings(model: shape, cluster: try Cluster(cluster, from: catalogue))
            if let weights { settings.formats.weights = weights }
            for (key, value) in command.settings {
                if let value { try settings.set(key, to: value, from: catalogue) }
            }
            return settings
        }
        policies = try StudyPolicy.list(
            parsing: command.policies ?? PolicyCatalogue.compared.joined(separator: ","), options: command.tdPipe)
        let (sweep, settings) = (try Usage.read { try command.sweep.map(Sweep.init(parsing:)) }, settings)
        self.sweep = sweep
        points =
            try sweep.map { sweep in
                let points = try Usage.read { try sweep.points(of: settings, from: catalogue) }
                return zip(sweep.values, points).map { ($0, $1) }
            } ?? [(nil, settings)]
        let level = ServiceLevel(secondsToFirstToken: command.ttft, secondsPerToken: command.tpot)
        self.level = level
        search = command.goodput ? try Usage.read { try GoodputSearch(level: level) } : nil
        for var settings in points.map(\.settings) {
            // A search for goodput gives arrivals a rate.
            if search != nil { settings.arrivals = try settings.arrivals.with(rate: settings.arrivals.rate ?? 1) }
            try Usage.read { try settings.check() }
        }
        guard sweep == nil || command.timeline == nil else {
            throw ValidationError("--timeline draws the runs of one point; it has no meaning beside --sweep")
        }
        timelines = TimelineFiles(command.timeline, labels: policies.map(\.label))
    }

    static func catalogue(_ path: String?) throws -> Catalogue {
        guard let path else { return .standard }
        let text = String(decoding: try SmallFile.read(path), as: UTF8.self)
        do { return try Catalogue.standard.adding(text) } catch {
            throw ValidationError("\(path), \(error.message)")
        }
    }

    /// A workload: a built-in shape, or a file.
    static func workload(_ name: String) throws -> StudyWorkload {
        if LengthShape.all.contains(where: { $0.name == name.lowercased() }) {
            return try StudyWorkload(shapeNamed: name)
        }
        guard name.contains(".") || name.contains("/") else {
            return try Usage.read { try StudyWorkload(shapeNamed: name) }
        }
        return try WorkloadFile(path: name).workload
    }

    /// A model: of the catalogue, or a file, which may tell the format of its weights.
    static func model(
        _ name: String, in catalogue: Catalogue
    ) throws -> (shape: ModelShape, weights: WeightFormat?) {
        guard name.hasSuffix(".gguf") || name.hasSuffix(".json") else {
            return (try catalogue.model(named: name), nil)
        }
        let description = try ModelDescription(path: name)
        return (description.shape, description.weights)
    }

    func run() throws {
        try command.checkFiles(timelines: timelines.paths)
        var rows: [SimulationReport.Row] = []
        var recordings: [BenchmarkPage.Recording] = []
        for (value, settings) in points {
            for policy in policies {
                let (row, recording) = try run(policy, settings, value)
                rows.append(row)
                if let recording, sweep == nil { recordings.append(.init(label: policy.label, recording: recording)) }
            }
        }
        let report = report(rows)
        try command.reports.write(
            json: SimulationJSON(report: report).text,
            page: SimulationPage(report: report, recordings: recordings).html)
        for recording in recordings { try timelines.write(recording, of: report) }
        if !command.quiet { Console.out(SimulationTable(report: report).rendered()) }
        guard rows.contains(where: { $0.run != nil }) else { throw ExitCode(1) }
    }

    /// Runs one policy. A model that does not fit, or a plan that the cluster cannot have, gives a row too: other
    /// policies may run.
    private func run(
        _ policy: StudyPolicy, _ settings: StudySettings, _ value: String?
    ) throws -> (SimulationReport.Row, RunRecording?) {
        let study = Study(settings: settings, workload: workload)
        let name = (value.map { "\(sweep?.key ?? "") \($0), " } ?? "") + policy.label
        do {
            let run = try study.run(StudyMethod(policy))
            var row = SimulateRows.row(run, value: value)
            if !level.isOpen { row.attainment = level.attainment(run.outcome.requests) }
            if let search {
                let found = try search.search(study, policy)
                row.goodput = .init(
                    requestsPerSecond: found.rate, attainment: found.attainment, isOpen: found.isOpen)
            }
            if !command.quiet, points.count * policies.count > 1 {
                let rate = Quantities.rate(run.outcome.totalTokensPerSecond, unit: "tok")
                Console.error("\(name): \(rate), bubble \(Quantities.percent(run.outcome.bubbleRatio, digits: 1))")
            }
            return (row, run.outcome.recording)
        } catch {
            guard [.doesNotFit, .invalidSetting].contains(error.code) else { throw error }
            return (SimulationReport.Row(value: value, label: policy.label, failure: error.message), nil)
        }
    }

    private func report(_ rows: [SimulationReport.Row]) -> SimulationReport {
        // A swept setting has no single value, so the report's setting leaves it out.
        let lines = SimulateRows.setting(settings, workload: workload, level: level)
            .filter { $0.label != sweep.map(SimulateRows.label(ofSwept:)) }
        return SimulationReport(
            commandLine: BenchResults.commandLine, title: "\(settings.model.name) on \(settings.cluster.name)",
            setting: lines,
            members: lines.map { .init(String($0.label.map { $0 == " " || $0 == "-" ? "_" : $0 }), .string($0.value)) },
            sweptKey: sweep?.key, rows: rows)
    }
}
