import Runtime
import Testing
import Transformer

@Suite("Layer partition")
struct LayerPartitionTests {
    static let costs = [
        StageCosts(embedding: 0, layer: 1, head: 0),
        StageCosts(embedding: 0.25, layer: 1, head: 2.5),
        StageCosts(embedding: 3, layer: 1, head: 0.5),
        StageCosts(embedding: 0.1, layer: 0.3, head: 4),
        StageCosts(embedding: 7, layer: 2, head: 7),
    ]

    @Test("contiguous ranges hold every layer once", arguments: 1...6)
    func everyLayerOnce(stages: Int) throws {
        for costs in Self.costs {
            for layers in stages...12 {
                let ranges = try LayerPartition.balanced(layers: layers, stages: stages, costs: costs)
                #expect(ranges.count == stages)
                #expect(ranges.flatMap { Array($0.layers) } == Array(0..<layers))
                #expect(ranges.allSatisfy { !$0.layers.isEmpty })
                #expect(ranges.map(\.hasEmbedding) == (0..<stages).map { $0 == 0 })
                #expect(ranges.map(\.hasHead) == (0..<stages).map { $0 == stages - 1 })
            }
        }
    }

    @Test("no other split has a cheaper dearest stage", arguments: 1...5)
    func optimal(stages: Int) throws {
        for costs in Self.costs {
            for layers in stages...10 {
                let ranges = try LayerPartition.balanced(layers: layers, stages: stages, costs: costs)
                let chosen = dearest(ranges.map { $0.layers.count }, costs)
                let best = splits(of: layers, into: stages).map { dearest($0, costs) }.min()!
                #expect(chosen <= best + 1e-12, "\(layers) layers in \(stages) stages: \(chosen), \(best) is possible")
            }
        }
    }

    @Test("embedding and head count for the stages that hold them")
    func endsCount() throws {
        func counts(_ costs: StageCosts) throws -> [Int] {
            try LayerPartition.balanced(layers: 12, stages: 3, costs: costs).map { $0.layers.count }
        }
        #expect(try counts(StageCosts(embedding: 0, layer: 1, head: 0)) == [4, 4, 4])
        #expect(try counts(StageCosts(embedding: 0, layer: 1, head: 3)) == [5, 5, 2])
        #expect(try counts(StageCosts(embedding: 3, layer: 1, head: 0)) == [2, 5, 5])
        #expect(try counts(StageCosts(embedding: 3, layer: 1, head: 3)) == [3, 6, 3])
        #expect(try counts(StageCosts(embedding: 0, layer: 1, head: 100)) == [6, 5, 1])
    }

    @Test("among equals, earlier stages take more layers")
    func earlierTakeMore() throws {
        let costs = StageCosts(embedding: 0, layer: 1, head: 0)
        let ranges = try LayerPartition.balanced(layers: 11, stages: 4, costs: costs)
        #expect(ranges.map { $0.layers.count } == [3, 3, 3, 2])
    }

    @Test("an impossible number of stages is refused with both numbers", arguments: [0, -1, 6])
    func refused(stages: Int) {
        let error = #expect(throws: RuntimeError.self) {
            try LayerPartition.balanced(
                layers: 5, stages: stages, costs: StageCosts(embedding: 0, layer: 1, head: 0))
        }
        #expect(error?.code == .badStageCount)
        #expect(error?.message.contains("\(stages) stages") == true)
        #expect(error?.message.contains("1...5") == true)
    }

    private func dearest(_ counts: [Int], _ costs: StageCosts) -> Double {
        counts.indices.map { stage in
            Double(counts[stage]) * costs.layer + (stage == 0 ? costs.embedding : 0)
                + (stage == counts.count - 1 ? costs.head : 0)
        }.max()!
    }

    /// All ways to write `total` as a sum of `parts` numbers of at least 1.
    private func splits(of total: Int, into parts: Int) -> [[Int]] {
        guard parts > 1 else { return [[total]] }
        return (1...(total - parts + 1)).flatMap { first in
            splits(of: total - first, into: parts - 1).map { [first] + $0 }
        }
    }
}
