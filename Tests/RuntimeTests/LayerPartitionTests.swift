import Runtime
import StageDevices
import Testing

@Suite("Layer partition")
struct LayerPartitionTests {
    static let costs = [
        StageCosts(layer: 1, head: 0), StageCosts(layer: 1, head: 0.3), StageCosts(layer: 1, head: 2.5),
        StageCosts(layer: 0.3, head: 4), StageCosts(layer: 2, head: 7), StageCosts(layer: 1, head: 100),
        StageCosts(layer: 0, head: 1),
    ]

    @Test("contiguous ranges hold every layer and every token once", arguments: 1...6)
    func everythingOnce(stages: Int) throws {
        for costs in Self.costs {
            for layers in stages...12 {
                for vocabulary in [1, 7, 8, 9, 40, 97, 1000] {
                    let counts = try LayerPartition.layerCounts(layers, stages: stages)
                    let unit = [1, 5, 16][layers % 3]
                    let ranges = LayerPartition.balanced(
                        layerCounts: counts, vocabulary: vocabulary, costs: costs, vocabularyUnit: unit)
                    #expect(ranges.count == stages)
                    #expect(ranges.flatMap { Array($0.layers) } == Array(0..<layers))
                    #expect(ranges.flatMap { Array($0.vocabulary) } == Array(0..<vocabulary))
                    #expect(ranges.allSatisfy { !$0.layers.isEmpty })
                    // A quarter of each neighbour's layers, rounded up.
                    let quarters = [0] + counts.map { ($0 + 3) / 4 } + [0]
                    for (stage, range) in ranges.enumerated() {
                        let start = range.layers.lowerBound - quarters[stage]
                        let end = range.layers.upperBound + quarters[stage + 2]
                        #expect(range.layerReach == start..<end)
                    }
                    #expect(ranges.allSatisfy { $0.vocabularyReach == 0..<vocabulary })
                    #expect(ranges.map(\.hasEmbedding) == (0..<stages).map { $0 == 0 })
                    #expect(ranges.map(\.hasFinalNorm) == (0..<stages).map { $0 == stages - 1 })
                    for edge in ranges.flatMap({ [$0.vocabulary.lowerBound, $0.vocabulary.upperBound] }) {
                        #expect(edge % unit == 0 || edge == vocabulary)
                    }
                }
            }
        }
    }

    @Test("layers are as even as can be, and earlier stages take more", arguments: 1...8)
    func even(stages: Int) throws {
        for layers in stages...40 {
            let counts = try LayerPartition.layerCounts(layers, stages: stages)
            #expect(counts.count == stages && counts.reduce(0, +) == layers)
            #expect(counts == counts.sorted(by: >))
            #expect(counts[0] - counts[stages - 1] <= 1)
        }
        #expect(try LayerPartition.layerCounts(11, stages: 4) == [3, 3, 3, 2])
    }

    @Test("no other deal of the vocabulary has a cheaper dearest stage", arguments: 1...4)
    func optimal(stages: Int) throws {
        let unit = 16
        for costs in Self.costs {
            for layers in stages...9 {
                for units in 1...9 {
                    let counts = try LayerPartition.layerCounts(layers, stages: stages)
                    let ranges = LayerPartition.balanced(
                        layerCounts: counts, vocabulary: units * unit, costs: costs, vocabularyUnit: unit)
                    func dearest(_ dealt: [Int]) -> Double {
                        zip(counts, dealt).map {
                            Double($0) * costs.layer + Double($1) * costs.head / Double(units)
                        }.max()!
                    }
                    let chosen = dearest(ranges.map { $0.vocabulary.count / unit })
                    let best = deals(of: units, among: stages).map(dearest).min()!
                    #expect(chosen <= best + 1e-12, "\(counts) layers, \(units) units: \(chosen), \(best) is possible")
                }
            }
        }
    }

    @Test("stages of a real size are equal but for a unit")
    func fine() throws {
        // SmolLM2-135M: the head costs about nine layers.
        let costs = StageCosts(layer: 1, head: 9)
        let unit = 16.0
        for stages in 1...8 {
            let counts = try LayerPartition.layerCounts(30, stages: stages)
            let ranges = LayerPartition.balanced(
                layerCounts: counts, vocabulary: 49_152, costs: costs, vocabularyUnit: 16)
            let times = ranges.map { Double($0.layers.count) + 9 * Double($0.vocabulary.count) / 49_152 }
            #expect(times.max()! - times.min()! < 9 * unit / 49_152 + 1e-9, "\(stages) stages: \(times)")
            #expect(abs(times[0] - 39 / Double(stages)) < 0.01)
        }
    }

    @Test("a head that is cheaper than a layer goes to those with fewer layers")
    func emptyShares() throws {
        let counts = try LayerPartition.layerCounts(6, stages: 4)
        let ranges = LayerPartition.balanced(
            layerCounts: counts, vocabulary: 160, costs: StageCosts(layer: 1, head: 1), vocabularyUnit: 16)
        #expect(ranges.map(\.vocabulary.count) == [0, 0, 80, 80])
    }

    @Test(
        "stages that share no work: the last has the head, and no other deal of the layers is better", arguments: 1...4)
    func separate(stages: Int) throws {
        for costs in Self.costs {
            for layers in stages...9 {
                let ranges = try LayerPartition.separate(
                    layers: layers, stages: stages, vocabulary: 97, costs: costs)
                #expect(ranges.flatMap { Array($0.layers) } == Array(0..<layers))
                #expect(ranges.allSatisfy { !$0.layers.isEmpty && $0.layerReach == $0.layers })
                #expect(ranges.map(\.vocabulary.count) == (0..<stages).map { $0 == stages - 1 ? 97 : 0 })
                #expect(ranges.allSatisfy { $0.vocabularyReach == $0.vocabulary })
                #expect(ranges.map(\.hasEmbedding) == (0..<stages).map { $0 == 0 })
                #expect(ranges.map(\.hasFinalNorm) == (0..<stages).map { $0 == stages - 1 })
                func dearest(_ counts: [Int]) -> Double {
                    var times = counts.map { Double($0) * costs.layer }
                    times[stages - 1] += costs.head
                    return times.max()!
                }
                let best = deals(of: layers, among: stages).filter { !$0.contains(0) }.map(dearest).min()!
                let chosen = ranges.map(\.layers.count)
                #expect(dearest(chosen) <= best + 1e-12, "\(chosen) layers: \(dearest(chosen)), \(best) is possible")
            }
        }
        #expect(throws: RuntimeError.self) {
            try LayerPartition.separate(layers: 3, stages: 4, vocabulary: 97, costs: Self.costs[0])
        }
    }

    @Test("an impossible number of stages is refused with both numbers", arguments: [0, -1, 6])
    func refused(stages: Int) {
        let error = #expect(throws: RuntimeError.self) { try LayerPartition.layerCounts(5, stages: stages) }
        #expect(error?.code == .badStageCount)
        #expect(error?.message.contains("\(stages) stages") == true)
        #expect(error?.message.contains("1...5") == true)
    }

    /// All ways to write `total` as a sum of `parts` numbers of at least 0.
    private func deals(of total: Int, among parts: Int) -> [[Int]] {
        guard parts > 1 else { return [[total]] }
        return (0...total).flatMap { first in deals(of: total - first, among: parts - 1).map { [first] + $0 } }
    }
}
