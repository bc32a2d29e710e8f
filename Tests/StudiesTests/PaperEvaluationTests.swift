import Simulation
import Studies
import Testing

@Suite struct PaperEvaluationTests {
    private func evaluation(requests: Int) throws -> PaperEvaluation {
        var evaluation = PaperEvaluation(workload: try StudyWorkload(shapeNamed: "sharegpt"))
        evaluation.requests = requests
        return evaluation
    }

    /// 12 of model and devices for each method, and 4 with a shared root for tensor parallelism and TD-Pipe.
    @Test func thereIsACellForEachMethod() {
        let cells = PaperCell.all
        #expect(Set(cells).count == cells.count && cells.count == 12 * PaperMethod.allCases.count + 4 * 5)
        #expect(Set(cells.map(\.cluster)).count == 8)
        #expect(cells.count { $0.method == .tdPipe && $0.devices == 4 && $0.link == nil } == 4)
        #expect(cells.contains { $0.cluster == "4xL20@pcie4-shared" && $0.method == .tensorHybridLimited })
    }

    @Test func whatDoesNotFitIsAResult() throws {
        let evaluation = try evaluation(requests: 2)
        for method in PaperMethod.allCases {
            let result = try evaluation.run(
                PaperCell(model: "Qwen2.5-32B", device: "L20", devices: 1, method: method))
            #expect(result.figures == nil && result.failure?.code == .doesNotFit)
        }
        #expect(throws: SimulationError.self) {
            try evaluation.run(PaperCell(model: "Qwen", device: "L20", devices: 1, method: .tdPipe))
        }
    }

    @Test func ratiosAreTheBestOfSeveralDevices() throws {
        let evaluation = try evaluation(requests: 100)
        var results: [PaperEvaluation.Result] = []
        for devices in [1, 2, 4] {
            for method in PaperMethod.allCases {
                results.append(
                    try evaluation.run(
                        PaperCell(model: "Llama-2-13B", device: "L20", devices: devices, method: method)))
            }
        }
        let ratios = PaperRatio.all(of: results)
        #expect(ratios.map(\.method) == PaperMethod.allCases.filter { $0 != .tdPipe })
        #expect(PaperMethod.published.map(\.publishedBest) == [1.91, 1.90, 2.73, 2.21])
        func rate(_ devices: Int, _ method: PaperMethod) -> Double {
            results.first { $0.cell.devices == devices && $0.cell.method == method }?.figures?.totalTokensPerSecond ?? 0
        }
        for ratio in ratios {
            let expected = [2, 4].map { rate($0, .tdPipe) / rate($0, ratio.method) }
            #expect(ratio.best == expected.max() && ratio.least == expected.min() && ratio.least > 0)
            #expect(expected[ratio.cell.devices / 4] == ratio.best)
        }
        // Tensor parallelism is one stage, which never waits for another.
        #expect(results.allSatisfy { !$0.cell.method.isTensorParallel || ($0.figures?.bubbleRatio ?? 1) < 1e-9 })
        #expect(PaperRatio.all(of: results.filter { $0.cell.devices == 1 }).isEmpty)
        #expect(PaperFinding.all(of: results.filter { $0.cell.devices == 1 }).isEmpty)
        // Each published figure has its finding, with the ratios of this run; 100 requests are too few for any of them.
        let findings = PaperFinding.all(of: results)
        #expect(Set(findings.map(\.method)) == Set(PaperMethod.published))
        for finding in findings {
            let counterpart = try #require(ratios.first { $0.method == finding.method.counterpart })
            let published = try #require(finding.method.publishedBest)
            #expect(finding.isNear == (max(counterpart.best / published, published / counterpart.best) <= 1.1))
            #expect(finding.text.contains("\(finding.method.rawValue), published up to"))
            #expect(finding.text.contains("not reproduced") != finding.isNear)
            let best = (counterpart.best * 100).rounded() / 100
            #expect(finding.text.contains("to \(best)") || finding.text.contains("to \(best)0"), "\(finding.text)")
        }
        let first = findings.firstIndex(where: \.isNear) ?? findings.count
        #expect(findings[first...].allSatisfy { $0.isNear })
    }

    /// The limit of sequences and the chunk are those of the method; lengths and order those of all.
    @Test func methodsDifferInNothingElse() throws {
        #expect(
            PaperMethod.allCases.filter { $0.maxSequences == 256 } == [.tensorSeparateLimited, .tensorHybridLimited])
        let evaluation = try evaluation(requests: 700)
        func rate(_ method: PaperMethod, _ link: String? = nil) throws -> Double {
            let cell = PaperCell(model: "Llama-2-13B", device: "L20", devices: 4, method: method, link: link)
            return try #require(try evaluation.run(cell).figures).totalTokensPerSecond
        }
        #expect(try rate(.tensorHybridLimited) < rate(.tensorHybrid))
        #expect(try rate(.virtualSeparate) > 1.2 * rate(.pipelineSeparate))
        #expect(try rate(.tensorHybrid, "pcie4-shared") < 0.7 * rate(.tensorHybrid))
    }

    @Test func ablationsAreMeasuredAgainstTheWhole() throws {
        let evaluation = try evaluation(requests: 400)
        let cell = PaperCell(model: "Llama-2-13B", device: "L20", devices: 2, method: .tdPipe)
        let whole = try evaluation.run(cell)
        let reference = try #require(whole.figures)
        var switches: Set<Int> = []
        for ablation in PaperAblation.all {
            let result = try #require(try evaluation.run(ablation, of: whole))
            #expect(result.ofWhole == result.figures.totalTokensPerSecond / reference.totalTokensPerSecond)
            switches.insert(result.figures.phaseSwitches)
        }
        #expect(switches.count > 4, "the exchanged parts make a difference")
        let base = try evaluation.run(
            PaperCell(model: "Llama-2-13B", device: "L20", devices: 2, method: .pipelineHybrid))
        #expect(try evaluation.run(PaperAblation.all[0], of: base) == nil)
    }
}
