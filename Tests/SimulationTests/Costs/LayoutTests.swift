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

    @Test func whatFitsNoModelIsRefused() throws {
        let doll = try model(layers: 4)
        for stages in [0, 5, -1] {
            #expect(throws: SimulationError.self) { try StageLayout.headLast(doll, stages: stages) }
        }
        #expect(throws: SimulationError.self) { try StageLayout(layers: [], vocabulary: []) }
        #expect(throws: SimulationError.self) { try StageLayout(layers: [1, 2], vocabulary: [3]) }
        #expect(throws: SimulationError.self) { try StageLayout(layers: [1, -2], vocabulary: [3, 0]) }
    }
}
