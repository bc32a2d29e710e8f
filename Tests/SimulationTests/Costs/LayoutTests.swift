import Scheduling
import Simulation
import Testing

@Suite struct LayoutTests {
    private func model(layers: Int) throws -> ModelShape {
        try ModelShape(
            name: "m", layers: layers, hidden: 8, feedForward: 16, heads: 2, cacheHeads: 1, vocabulary: 1000,
            contextLength: 64)
    }

    @Test func extraLayersGoToTheStagesBeforeTheLast() throws {
        for (layers, stages, expected) in [
            (40, 4, [10, 10, 10, 10]), (41, 4, [10, 10, 11, 10]), (42, 4, [10, 11, 11, 10]), (43, 4, [11, 11, 11, 10]),
            (5, 1, [5]), (3, 2, [2, 1]),
        ] {
            let layout = try StageLayout.headLast(model(layers: layers), stages: stages)
            #expect(layout.layers == expected)
            #expect(layout.vocabulary == [Int](repeating: 0, count: stages - 1) + [1000])
        }
    }

    @Test func theSharedHeadEvensOutDecode() throws {
        let layout = try StageLayout.headShared(model(layers: 6), stages: 4)
        #expect(layout.layers == [2, 2, 1, 1] && layout.vocabulary.reduce(0, +) == 1000)
        // A layer has 576 weights, a unit of 16 tokens 128: the last two stages take 4 or 5 units more.
        let weights = zip(layout.layers, layout.vocabulary).map { $0 * 576 + $1 * 8 }
        #expect(weights.max()! - weights.min()! <= 128)
        #expect(layout.vocabulary[..<3].allSatisfy { $0 % 16 == 0 })
    }

    @Test func whatFitsNoModelIsRefused() throws {
        let doll = try model(layers: 4)
        for stages in [0, 5, -1] {
            #expect(throws: SimulationError.self) { try StageLayout.headLast(doll, stages: stages) }
            #expect(throws: SimulationError.self) { try StageLayout.headShared(doll, stages: stages) }
        }
        #expect(throws: SimulationError.self) { try StageLayout(layers: [], vocabulary: []) }
        #expect(throws: SimulationError.self) { try StageLayout(layers: [1, 2], vocabulary: [3]) }
        #expect(throws: SimulationError.self) { try StageLayout(layers: [1, -2], vocabulary: [3, 0]) }
    }

    @Test func everyStageOfTheSharedHeadHasHeadTime() throws {
        let catalogue = Catalogue.standard
        let llama = try catalogue.model(named: "Llama-2-13B")
        let timing = try RooflineTiming(
            model: llama, device: catalogue.device(named: "L20"), layout: .headShared(llama, stages: 4))
        let load = StepLoad.decode(sequences: 64, context: 64 * 300)
        let times = (0..<4).map { timing.headSeconds(load, on: $0) }
        #expect(times.allSatisfy { $0 > 0 })
        #expect(times.max()! < times.min()! * 1.2)
    }
}
