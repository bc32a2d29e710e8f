import CPUDevice
import Platform
import Scheduling
import StageDevices
import TestTools

struct FakeFault: Error, CustomStringConvertible {
    let description: String
}

/// A stage of `FakeDevice`.
final class FakeStage: SharingExecutor, @unchecked Sendable {
    // Unchecked: one worker thread calls it.
    let range: LayerRange
    private let vocabulary: Int
    private let fault: FakeDevice.Fault?
    private let counts: FakeCounts
    private let holdsShares: Bool
    private let holdsLayers: FakeDevice.End?
    private let vocabularyUnit: Int
    private let memory: FakeMemory
    private var next = 0
    private var isPrepared = false
    private var unrest: SplitMix?

    init(_ range: LayerRange, _ device: FakeDevice, memory: FakeMemory, counts: FakeCounts) {
        self.range = range
        self.counts = counts
        vocabulary = device.sizes.vocabulary
        vocabularyUnit = device.vocabularyUnit
        fault = device.fault
        holdsShares = device.holdsShares && range.hasEmbedding && !range.hasFinalNorm
        unrest = device.unrest.map { SplitMix(seed: $0 &+ UInt64(range.layers.lowerBound)) }
        holdsLayers = device.holdsLayers
        self.memory = memory
        counts.live.wrappingAdd(1, ordering: .relaxed)
    }

    deinit { counts.live.wrappingSubtract(1, ordering: .releasing) }

    func prepareThread() { isPrepared = true }

    func execute(
        _ batch: MicroBatch, input: (any StageTensor)?, continues: (_ layer: Int) -> Bool
    ) throws -> SharedOutput {
        guard isPrepared else { throw FakeFault(description: "the worker's thread was not prepared") }
        let input = input.map { $0 as! FakeTensor }
        let first = input?.nextLayer ?? 0
        guard batch.id.rawValue == next else { throw FakeFault(description: "\(batch.id) came, \(next) was due") }
        if case .layers(let layer, batch.id.rawValue) = fault, range.layers.contains(layer) {
            throw FakeFault(description: "the fake fault")
        }
        next += 1
        if range.hasFinalNorm { counts.begun.store(next, ordering: .releasing) }
        rest()
        if holdsLayers == .last, range.hasFinalNorm, !range.hasEmbedding {
            hold { [goneOn = counts.layersGoneOn] in counts.layersGoneOn > goneOn }
        }
        let stream = run(batch, input: input, continues: continues)
        guard !range.hasFinalNorm else { return .groups(groups(batch, stream)) }
        let beyond = stream.nextLayer - max(range.layers.upperBound, first)
        guard stream.nextLayer == range.layers.upperBound || batch.isAmongLikeDecodeSteps else {
            throw FakeFault(description: "\(batch.id) was handed over before layer \(stream.nextLayer)")
        }
        if beyond > 0 { counts.goneOn.wrappingAdd(beyond, ordering: .relaxed) }
        if stream.nextLayer < range.layers.upperBound { counts.handedOver.wrappingAdd(1, ordering: .relaxed) }
        return .activations(stream)
    }

    func project(_ group: any HeadGroup, next: () -> Range<Int>?) throws {
        let group = group as! FakeGroup
        if case .head(let token, let batch) = fault, range.vocabulary.contains(token), group.batch.rawValue >= batch {
            throw FakeFault(description: "the fake fault")
        }
        var holds = holdsShares
        while let tokens = next() {
            precondition(tokens.clamped(to: range.vocabularyReach) == tokens, "tokens that the stage does not hold")
            precondition(
                tokens.lowerBound % vocabularyUnit == 0
                    && (tokens.upperBound % vocabularyUnit == 0 || tokens.upperBound == vocabulary),
                "tokens \(tokens) are not cut at multiples of \(vocabularyUnit)")
            rest()
            if holds { holdShare(group.batch) }
            holds = false
            score(group, tokens)
        }
    }

    func draw(_ group: any HeadGroup) -> [SampledToken] { (group as! FakeGroup).draw().map { SampledToken($0) } }

    private func rest() {
        if unrest != nil { for _ in 0..<Int.random(in: 0...3, using: &unrest!) { yieldThread() } }
    }

    /// Until something has happened, or for a while.
    private func hold(until happened: () -> Bool) {
        for _ in 0..<500 where !happened() { yieldThread() }
    }

    private func holdShare(_ batch: MicroBatchID) {
        func isOvertaken() -> Bool { counts.begun.load(ordering: .acquiring) > batch.rawValue + 1 }
        hold(until: isOvertaken)
        if isOvertaken() { counts.overtaken.wrappingAdd(1, ordering: .relaxed) }
    }

    /// Runs the layers.
    func run(_ batch: MicroBatch, input: FakeTensor?, continues: (_ layer: Int) -> Bool) -> FakeTensor {
        let stream = input ?? FakeTensor(batch.slices.flatMap(\.tokens).map { UInt32($0) })
        precondition(stream.rowCount == batch.tokenCount && (input == nil) == range.hasEmbedding)
        var layer = stream.nextLayer
        precondition(range.layerReach.lowerBound <= layer && layer <= range.layers.upperBound)
        while layer < range.layerReach.upperBound, continues(layer) {
            if holdsLayers == .first, range.hasEmbedding { for _ in 0..<20 { yieldThread() } }
            var row = 0
            for slice in batch.slices {
                for offset in slice.tokens.indices {
                    stream.values[row] = enter(stream.values[row], slice.start + offset, slice.blocks, layer)
                    row += 1
                }
            }
            layer += 1
        }
        stream.nextLayer = layer
        return stream
    }

    private func enter(_ value: UInt32, _ position: Int, _ blocks: [BlockID], _ layer: Int) -> UInt32 {
        let entries = memory.entries(layer)
        func address(_ position: Int) -> Int { Int(blocks[position / 16]) * 16 + position % 16 }
        var hash = CounterRandom.mix(UInt64(value) << 32 | UInt64(position) << 8 | UInt64(layer))
        if position > 0 {
            hash = CounterRandom.mix(hash ^ UInt64(entries[address(position - 1)]))
            hash = CounterRandom.mix(hash ^ UInt64(entries[address(position / 2)]))
        }
        entries[address(position)] = UInt32(hash >> 40)
        return UInt32(hash >> 40)
    }

    /// The rows that draw: greedy ones in one group, the others in groups of few.
    func groups(_ batch: MicroBatch, _ stream: FakeTensor) -> [FakeGroup] {
        var (greedy, others): ([FakeGroup.Row], [FakeGroup.Row]) = ([], [])
        var first = 0
        for (slice, part) in batch.slices.enumerated() {
            for point in part.draws {
                let row = FakeGroup.Row(
                    slice: slice, index: greedy.count + others.count, value: stream.values[first + point.row],
                    task: point.task)
                if point.task.parameters.temperature > 0 { others.append(row) } else { greedy.append(row) }
            }
            first += part.tokens.count
        }
        let parts = stride(from: 0, to: others.count, by: 3).map { Array(others[$0..<min($0 + 3, others.count)]) }
        return ([greedy] + parts).filter { !$0.isEmpty }.map { FakeGroup(batch.id, $0, vocabulary: vocabulary) }
    }

    /// The logits of some tokens: 64 values, so that ties are common.
    func score(_ group: FakeGroup, _ tokens: Range<Int>) {
        let logits = group.rows.map { row in
            let key = UInt64(row.value) ^ row.task.parameters.seedKey &+ UInt64(row.task.generated) << 32
            return tokens.map { UInt8(CounterRandom.mix(CounterRandom.mix(key) &+ UInt64($0)) >> 58) }
        }
        group.keep(logits, of: tokens)
    }
}
