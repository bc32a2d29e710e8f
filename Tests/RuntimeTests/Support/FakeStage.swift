import Scheduling
import TinyModels
import Transformer

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
    private let pool = ActivationPool()
    /// Entries of each layer, [block][16].
    private var memory: [[UInt32]]
    private var next = 0
    private var unrest: SplitMix?

    init(_ range: LayerRange, _ device: FakeDevice, blocks: Int, counts: FakeCounts) {
        self.range = range
        self.counts = counts
        vocabulary = device.model.vocabulary
        fault = device.fault
        holdsShares = device.holdsShares && range.hasEmbedding && !range.hasFinalNorm
        unrest = device.unrest.map { SplitMix(seed: $0 &+ UInt64(range.layers.lowerBound)) }
        memory = range.layers.map { _ in [UInt32](repeating: 0, count: blocks * 16) }
        counts.live.wrappingAdd(1, ordering: .relaxed)
    }

    deinit { counts.live.wrappingSubtract(1, ordering: .releasing) }

    func execute(_ batch: MicroBatch, input: Activations?) throws -> StageOutput {
        guard batch.id.rawValue == next else { throw FakeFault(description: "\(batch.id) came, \(next) was due") }
        if case .layers(let layer, batch.id.rawValue) = fault, range.layers.contains(layer) {
            throw FakeFault(description: "the fake fault")
        }
        next += 1
        if range.hasFinalNorm { counts.begun.store(next, ordering: .releasing) }
        rest()
        let stream = run(batch, input: input)
        return range.hasFinalNorm ? .draws(groups(batch, stream)) : .activations(stream)
    }

    func project(_ group: DrawGroup, next: () -> Range<Int>?) throws {
        if case .head(let token, let batch) = fault, range.vocabulary.contains(token), group.batch.rawValue >= batch {
            throw FakeFault(description: "the fake fault")
        }
        var holds = holdsShares
        while let tokens = next() {
            precondition(tokens.clamped(to: range.reach) == tokens, "tokens that the stage does not hold")
            rest()
            if holds { hold(group.batch) }
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

    private func hold(_ batch: MicroBatchID) {
        func isOvertaken() -> Bool { counts.begun.load(ordering: .acquiring) > batch.rawValue + 1 }
        for _ in 0..<500 where !isOvertaken() { yieldThread() }
        if isOvertaken() { counts.overtaken.wrappingAdd(1, ordering: .relaxed) }
    }

    /// Runs the layers. Values stay below 2^24, which f32 holds exactly.
    func run(_ batch: MicroBatch, input: Activations?) -> Activations {
        let stream = input ?? pool.take(rows: batch.tokenCount, width: 1)
        precondition(stream.rows == batch.tokenCount && (input == nil) == range.hasEmbedding)
        var row = 0
        for slice in batch.slices {
            for (offset, token) in slice.tokens.enumerated() {
                var value = range.hasEmbedding ? UInt32(token) : UInt32(stream.values[row])
                for (index, layer) in range.layers.enumerated() {
                    value = enter(value, slice.start + offset, slice.blocks, index, layer)
                }
                stream.values[row] = Float(value)
                row += 1
            }
        }
        return stream
    }

    private func enter(_ value: UInt32, _ position: Int, _ blocks: [BlockID], _ index: Int, _ layer: Int) -> UInt32 {
        func address(_ position: Int) -> Int { Int(blocks[position / 16]) * 16 + position % 16 }
        var hash = CounterRandom.mix(UInt64(value) << 32 | UInt64(position) << 8 | UInt64(layer))
        if position > 0 {
            hash = CounterRandom.mix(hash ^ UInt64(memory[index][address(position - 1)]))
            hash = CounterRandom.mix(hash ^ UInt64(memory[index][address(position / 2)]))
        }
        memory[index][address(position)] = UInt32(hash >> 40)
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
