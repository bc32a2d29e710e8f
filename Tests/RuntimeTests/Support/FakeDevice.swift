import Scheduling
import Synchronization
import TinyModels
import Transformer

/// Stages that hash instead of multiplying. Each layer keeps an entry for every position in paged memory, made from its
/// input, its position and two earlier entries that the block table leads to; the token drawn depends on the last
/// layer's entry. So a wrong slice, a block used too early, or activations of another micro-batch change the answer,
/// and a cut into stages does not.
final class FakeDevice: StageDevice {
    let model: ModelConfiguration
    let bytesPerKVBlock = 1000
    let weightBytes = 0
    /// The stage with this layer fails at this micro-batch.
    let fault: (layer: Int, batch: Int)?
    /// Makes stages yield now and then, by a generator of this seed.
    let unrest: UInt64?
    private let live = LiveCount()

    init(layers: Int = 6, fault: (layer: Int, batch: Int)? = nil, unrest: UInt64? = nil) throws {
        var recipe = TinyModel()
        (recipe.layers, recipe.vocabulary, recipe.contextLength) = (layers, 97, 256)
        model = try ModelConfiguration(recipe.file())
        self.fault = fault
        self.unrest = unrest
    }

    /// Stages that have been loaded and not been let go of: none once all threads have ended.
    var liveStages: Int { live.count.load(ordering: .acquiring) }

    func measureCosts() -> StageCosts { StageCosts(embedding: 0, layer: 1, head: 0) }

    func load(_ range: LayerRange, blocks: Int, threads: Int, cores: [Int]?) -> any StageExecutor {
        FakeStage(range, self, blocks: blocks, live: live)
    }

    /// What a request is answered with nothing beside it: the oracle.
    func answer(to spec: RequestSpec, count: Int) throws -> [TokenID] {
        let blocks = (spec.prompt.count + count + 15) / 16
        let whole = LayerRange(layers: 0..<model.layers, hasEmbedding: true, hasHead: true)
        let stage = FakeStage(whole, self, blocks: blocks, live: live)
        var tokens = spec.prompt
        while tokens.count < spec.prompt.count + count {
            let task = SamplingTask(
                parameters: spec.sampling, generated: tokens.count - spec.prompt.count, history: [])
            let slice = SequenceSlice(
                request: spec.id, start: 0, tokens: tokens, blocks: (0..<blocks).map { BlockID($0) }, sampling: task)
            tokens.append(stage.run([slice], input: nil).drawn[0][0].token)
        }
        return Array(tokens.dropFirst(spec.prompt.count))
    }
}

final class LiveCount: Sendable {
    let count = Atomic<Int>(0)
}

struct FakeFault: Error, CustomStringConvertible {
    let description: String
}

private final class FakeStage: StageExecutor, @unchecked Sendable {
    // Unchecked: one worker thread calls `execute`.
    let range: LayerRange
    private let vocabulary: Int
    private let fault: Int?
    private let live: LiveCount
    private let pool = ActivationPool()
    /// Entries of each layer, [block][16].
    private var memory: [[UInt32]]
    private var next = 0
    private var unrest: SplitMix?

    init(_ range: LayerRange, _ device: FakeDevice, blocks: Int, live: LiveCount) {
        self.range = range
        self.live = live
        vocabulary = device.model.vocabulary
        fault = device.fault.flatMap { range.layers.contains($0.layer) ? $0.batch : nil }
        unrest = device.unrest.map { SplitMix(seed: $0 &+ UInt64(range.layers.lowerBound)) }
        memory = range.layers.map { _ in [UInt32](repeating: 0, count: blocks * 16) }
        live.count.wrappingAdd(1, ordering: .relaxed)
    }

    deinit { live.count.wrappingSubtract(1, ordering: .releasing) }

    func execute(_ batch: MicroBatch, input: Activations?) throws -> StageOutput {
        guard batch.id.rawValue == next else { throw FakeFault(description: "\(batch.id) came, \(next) was due") }
        if batch.id.rawValue == fault { throw FakeFault(description: "the fake fault") }
        next += 1
        if unrest != nil { for _ in 0..<Int.random(in: 0...3, using: &unrest!) { yieldThread() } }
        let (stream, drawn) = run(batch.slices, input: input)
        return range.hasHead ? .tokens(drawn) : .activations(stream)
    }

    /// Values stay below 2^24, which f32 holds exactly.
    func run(_ slices: [SequenceSlice], input: Activations?) -> (stream: Activations, drawn: [[SampledToken]]) {
        let rows = slices.reduce(0) { $0 + $1.tokens.count }
        let stream = input ?? pool.take(rows: rows, width: 1)
        precondition(stream.rows == rows && (input == nil) == range.hasEmbedding)
        var row = 0
        var drawn: [[SampledToken]] = []
        for slice in slices {
            for (offset, token) in slice.tokens.enumerated() {
                var value = range.hasEmbedding ? UInt32(token) : UInt32(stream.values[row])
                for (index, layer) in range.layers.enumerated() {
                    value = enter(value, slice.start + offset, slice.blocks, index, layer)
                }
                stream.values[row] = Float(value)
                row += 1
            }
            guard let task = slice.sampling, range.hasHead else {
                drawn.append([])
                continue
            }
            let last = UInt64(stream.values[row - 1])
            let mixed = CounterRandom.mix(last ^ task.parameters.seedKey &+ UInt64(task.generated) << 32)
            drawn.append([SampledToken(TokenID(mixed % UInt64(vocabulary)))])
        }
        return (stream, drawn)
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
}
