import Foundation
import Scheduling
import Simulation
import Testing

/// The roofline of the L20 against the step times that TD-Pipe released, with one curve for both models.
@Suite struct ReleasedTableTests {
    /// Beside the repository, where the whole tables are on some machines.
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "../shared/data/profiles")
    private static func whole(_ name: String) -> String? {
        try? String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }
    static var hasWholeTables: Bool { whole("L20-Llama-13B.csv") != nil }

    /// A step of `tokens` tokens, read as one prompt from its beginning.
    private func residuals(
        _ model: String, _ csv: String, _ range: ClosedRange<Int> = 1...Int.max
    ) throws -> TableResiduals {
        let shape = try Catalogue.standard.model(named: model)
        let timing = try RooflineTiming(
            model: shape, device: Catalogue.standard.device(named: "L20"), layout: .headLast(shape, stages: 1))
        return try TableResiduals(of: StepTable(csv: csv), tokens: range) {
            KnownStepCost(timing).seconds(.prefill(tokens: $0), on: 0)
        }
    }

    @Test(arguments: [("Llama-2-13B", ReleasedTables.llama13B), ("Qwen2.5-32B", ReleasedTables.qwen32B)])
    func theExcerptIsReproduced(model: String, csv: String) throws {
        let all = try residuals(model, csv)
        #expect(all.points == 59 && all.median < 0.05 && all.worst < 0.2, "\(all)")
        #expect(try residuals(model, csv, 1...256).median < 0.1)
        #expect(try residuals(model, csv, 257...2048).median < 0.03)
    }

    /// A fit that could not fail would prove nothing.
    @Test func anotherDeviceDoesNotReproduceThem() throws {
        let shape = try Catalogue.standard.model(named: "Llama-2-13B")
        let timing = try RooflineTiming(
            model: shape, device: Catalogue.standard.device(named: "A10"), layout: .headLast(shape, stages: 1))
        let other = try TableResiduals(of: StepTable(csv: ReleasedTables.llama13B), tokens: 1...256) {
            KnownStepCost(timing).seconds(.prefill(tokens: $0), on: 0)
        }
        #expect(other.median > 0.2)
    }

    @Test(.enabled(if: hasWholeTables, "the whole tables are not beside the repository"))
    func theWholeTablesAreReproduced() throws {
        for (model, file) in [("Llama-2-13B", "L20-Llama-13B.csv"), ("Qwen2.5-32B", "L20-Qwen2.5-32B.csv")] {
            let csv = try #require(Self.whole(file))
            let all = try residuals(model, csv)
            #expect(all.points == 2048 && all.median < 0.03 && all.ninetieth < 0.1, "\(model): \(all)")
            #expect(try residuals(model, csv, 1...256).median < 0.11)
            #expect(try residuals(model, csv, 257...2048).ninetieth < 0.04)
        }
        // A small model on the same device: below 512 tokens its launches take all the time.
        let opt = try residuals("OPT-125M", try #require(Self.whole("L20-opt-125m.csv")), 1...512)
        #expect(opt.median < 0.05 && opt.worst < 0.1, "\(opt)")
    }
}
