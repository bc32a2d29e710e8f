import CPUDevice
import Platform
import Scheduling
import TestTools

struct FakeFault: Error, CustomStringConvertible {
    let description: String
}

/// A stage of `FakeDevice`.
final class FakeStage: StageExecutor, @unchecked Sendable {
    // Unchecked: one worker thread calls it.
    let range: LayerRange
    private let vocabulary: Int
    private let fault: FakeDevice.Fault?
    private let counts: FakeCounts
    private let holdsShares: Bool
    private let holdsLayers: FakeDevice.End?
    private let pool = ActivationPool()
    private let memory: FakeMemory
    private var next = 0
    private var unrest: SplitMix?

    init(_ range: LayerRange, _ device: FakeDevice, memory: FakeMemory, counts: FakeCounts) {
        self.range = range
        self.counts = counts
        vocabulary = device.model.vocabulary
        fault = device.fault
        holdsShares = device.holdsShares && range.hasEmbedding && !range.hasFinalNorm
        unrest = device.unrest.map { SplitMix(seed: $0 &+ UInt64(range.layers.lowerBound)) }
        holdsLayers = device.holdsLayers
        self.memory = memory
        counts.live.wrappingAdd(1, ordering: .relaxed)
    }

    deinit { counts.live.wrappingSubtract(1, ordering: .releasing) }

    func execute(_ batch: MicroBatch, input: ResidualStream?, continues: (_ layer: Int) -> Bool) throws -> StageOutput {
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
        guard !range.hasFinalNorm else { return .draws(groups(batch, stream.rows)) }
        let beyond = stream.nextLayer - max(range.layers.upperBound, input?.nextLayer ?? 0)
        guard stream.nextLayer == range.layers.upperBound || batch.isAmongLikeDecodeSteps else {
            throw FakeFault(description: "\(batch.id) was handed over before layer \(stream.nextLayer)")
        }
        if beyond > 0 { counts.goneOn.wrappingAdd(beyond, ordering: .relaxed) }
        if stream.nextLayer < range.layers.upperBound { counts.handedOver.wrappingAdd(1, ordering: .relaxed) }
        return .stream(stream)
    }

    func project(_ group: DrawGroup, next: () -> Range<Int>?) throws {
        if case .head(let token, let batch) = fault, range.vocabulary.contains(token), group.batch.rawValue >= batch {
            throw FakeFault(description: "the fake fault")
        }
        var holds = holdsShares
        while let tokens = next() {
            precondition(tokens.clamped(to: range.vocabularyReach) == tokens, "tokens that the stage does not hold")
            rest()
            if holds { holdShare(group.batch) }
            holds = false
            score(group, tokens)
        }
    }

    func draw(_ group: DrawGroup) -> [SampledToken] {
        if group.takesHighest { return group.highest.map { SampledToken($0.token) } }
        defer { group.forgetLogits() }
        return group.indices.indices.map { place in
            let row = UnsafeBufferPointer(start: group.logits + place * group.stride, count: vocabulary)
            return SampledToken(TokenID(row.firstIndex(of: row.max()!)!))
        }
    }

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

    /// Runs the layers. Values stay below 2^24, which f32 holds exactly.
    func run(_ batch: MicroBatch, input: ResidualStream?, continues: (_ layer: Int) -> Bool) -> ResidualStream {
        let stream = input?.rows ?? embed(batch)
        precondition(stream.rows == batch.tokenCount && (input == nil) == range.hasEmbedding)
        var layer = input?.nextLayer ?? 0
        precondition(range.layerReach.lowerBound <= layer && layer <= range.layers.upperBound)
        while layer < range.layerReach.upperBound, continues(layer) {
            if holdsLayers == .first, range.hasEmbedding { for _ in 0..<20 { yieldThread() } }
            var row = 0
            for slice in batch.slices {
                for offset in slice.tokens.indices {
                    let value = UInt32(stream.values[row])
                    stream.values[row] = Float(enter(value, slice.start + offset, slice.blocks, layer))
                    row += 1
                }
            }
            layer += 1
        }
        return ResidualStream(stream, nextLayer: layer)
    }

    private func embed(_ batch: MicroBatch) -> Activations {
        let stream = pool.take(rows: batch.tokenCount, width: 1)
        for (row, token) in batch.slices.flatMap(\.tokens).enumerated() { stream.values[row] = Float(token) }
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

    /// The rows of the slices that draw.
    func groups(_ batch: MicroBatch, _ stream: Activations) -> [DrawGroup] {
        var last: [Float] = []
        var end = 0
        for slice in batch.slices {
            end += slice.tokens.count
            if slice.sampling != nil { last.append(stream.values[end - 1]) }
        }
        let rows = pool.take(rows: last.count, width: 1)
        for (index, value) in last.enumerated() { rows.values[index] = value }
        return DrawGroup.groups(of: batch, rows: rows, vocabulary: vocabulary, pool: pool)
    }

    /// The logits of some tokens: 64 values, so that ties are common.
    func score(_ group: DrawGroup, _ tokens: Range<Int>) {
        var best = [HighestLogit](repeating: .none, count: group.indices.count)
        for (place, (index, task)) in zip(group.indices, group.tasks).enumerated() {
            let key = UInt64(group.rows.values[index]) ^ task.parameters.seedKey &+ UInt64(task.generated) << 32
            for token in tokens {
                let logit = Float(CounterRandom.mix(CounterRandom.mix(key) &+ UInt64(token)) >> 58)
                if group.takesHighest {
                    best[place].take(HighestLogit(value: logit, token: TokenID(token)))
                } else {
                    group.logits[place * group.stride + token] = logit
                }
            }
        }
        if group.takesHighest { group.merge(best) }
    }
}
