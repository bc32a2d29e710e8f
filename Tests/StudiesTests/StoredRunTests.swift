import Foundation
import Scheduling
import Simulation
import Studies
import Testing

/// The runs in docs/runs, of which the tables of the documents are made, are what a run gives. `make tables` makes them
/// anew when the scheduler has changed.
@Suite struct StoredRunTests {
    private static let root = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { url.deleteLastPathComponent() }
        return url
    }()

    /// The stored results of a table, one for each command.
    private func stored(_ name: String) throws -> [[String: Any]] {
        let data = try Data(contentsOf: Self.root.appendingPathComponent("docs/runs/\(name).json"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
    }

    private func runs(_ result: [String: Any]?) throws -> [[String: Any]] {
        try #require(result?["runs"] as? [[String: Any]])
    }

    private func expect(_ outcome: SimulatedRun, is run: [String: Any]?, _ what: String) {
        let rate = run?["total_tokens_per_second"] as? Double ?? 0
        #expect(
            abs(outcome.totalTokensPerSecond - rate) < 1e-9 * rate, "\(what): \(outcome.totalTokensPerSecond), \(rate)")
        #expect(outcome.counters.preemptions == run?["preemptions"] as? Int, "\(what)")
    }

    @Test(arguments: [PaperMethod.tdPipe, .pipelineHybrid, .tensorHybridLimited])
    func paperCells(method: PaperMethod) throws {
        let cell = PaperCell(model: "Llama-2-13B", device: "L20", devices: 4, method: method)
        let run = try runs(stored("paper").first).first {
            $0["model"] as? String == cell.model && $0["cluster"] as? String == cell.cluster
                && $0["method"] as? String == method.rawValue
        }
        let evaluation = PaperEvaluation(workload: try StudyWorkload(shapeNamed: "sharegpt"))
        let figures = try #require(try evaluation.run(cell).figures)
        let rate = run?["total_tokens_per_second"] as? Double ?? 0
        #expect(abs(figures.totalTokensPerSecond - rate) < 1e-9 * rate, "\(figures.totalTokensPerSecond), \(rate)")
        #expect(figures.preemptions == run?["preemptions"] as? Int)
    }

    @Test func orders() throws {
        let result = try #require(
            try stored("order").first {
                ($0["command"] as? String)?.contains("4xL20 --model Llama-2-13B --kv-blocks 1660") == true
            })
        for (label, order) in [("td-pipe", TDPipeOptions.Order.auto), ("td-pipe+order=longest", .longest)] {
            var settings = StudySettings(
                model: try Catalogue.standard.model(named: "Llama-2-13B"), cluster: try Cluster("4xL20"))
            for (key, value) in [("kv-blocks", "1660"), ("requests", "256"), ("predictor", "oracle"), ("seed", "3")] {
                try settings.set(key, to: value)
            }
            let study = Study(settings: settings, workload: try StudyWorkload(shapeNamed: "sharegpt"))
            let run = try runs(result).first { $0["label"] as? String == label && $0["value"] as? String == "3" }
            expect(try study.run(StudyPolicy("td-pipe", options: TDPipeOptions(order: order))).outcome, is: run, label)
        }
    }

    @Test(arguments: ["learned", "history"])
    func predictors(predictor: String) throws {
        let path = Self.root.appendingPathComponent("Tests/SimulationTests/Fixtures/answers.csv")
        let answers = try String(contentsOf: path, encoding: .utf8).split(separator: "\n").dropFirst().map { line in
            let cells = line.split(separator: ",")
            return try RequestLengths(
                promptTokens: try #require(Int(cells[0])), outputTokens: try #require(Int(cells[1])),
                forecast: LengthForecast(cells[2].split(separator: " ").compactMap { Int($0) }))
        }
        var settings = StudySettings(
            model: try Catalogue.standard.model(named: "Llama-2-13B"), cluster: try Cluster("4xL20@pcie4-shared"))
        for (key, value) in [("requests", "2000"), ("predictor", predictor)] { try settings.set(key, to: value) }
        let study = Study(
            settings: settings, workload: StudyWorkload(name: "answers", source: .lengths(.list(answers))))
        let run = try runs(stored("prediction").last).first { $0["value"] as? String == predictor }
        expect(try study.run(StudyPolicy("td-pipe")).outcome, is: run, predictor)
    }
}
