import Simulation
import Studies
import Testing

@Suite struct PaperEvaluationTests {
    private func evaluation(requests: Int) throws -> PaperEvaluation {
        var evaluation = PaperEvaluation(workload: try StudyWorkload(shapeNamed: "sharegpt"))
        evaluation.requests = requests
        return evaluation
    }

    @Test func thereAreSixtyCells() {
        let cells = PaperCell.all
        #expect(cells.count == 60 && Set(cells).count == 60)
        #expect(Set(cells.map(\.cluster)).count == 6)
        #expect(cells.count { $0.method == .tdPipe && $0.devices == 4 } == 4)
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
        let ratios = PaperRatio.best(of: results)
        #expect(ratios.map(\.method) == [.tensorSeparate, .tensorHybrid, .pipelineSeparate, .pipelineHybrid])
        #expect(ratios.map(\.published) == [1.91, 1.90, 2.73, 2.21])
        func rate(_ devices: Int, _ method: PaperMethod) -> Double {
            results.first { $0.cell.devices == devices && $0.cell.method == method }?.figures?.totalTokensPerSecond ?? 0
        }
        for ratio in ratios {
            let expected = [2, 4].map { rate($0, .tdPipe) / rate($0, ratio.method) }
            #expect(ratio.ratio == expected.max() && ratio.ratio > 0)
            #expect(expected[ratio.cell.devices / 4] == ratio.ratio)
        }
        // Tensor parallelism is one stage, which never waits for another.
        #expect(results.allSatisfy { !$0.cell.method.isTensorParallel || ($0.figures?.bubbleRatio ?? 1) < 1e-9 })
        #expect(PaperRatio.best(of: results.filter { $0.cell.devices == 1 }).isEmpty)
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
