import Scheduling
import StageDevices

/// A device that has nothing in common with the CPU's: a format of its own for activations and cache, blocks of another
/// size, stages that reach each other's memory nowhere, tokens drawn on the device. It is no more than a `StageDevice`, as a
/// card's first version would be.
struct ShuffledDevice: StageDevice {
    let model = ShuffledModel()
    let costs = StageCosts(layer: 1, head: 1.5)
    /// The micro-batch at which the stage with the last layer fails.
    var failsAt: Int?

    let kernelName = "shuffled"
    var sizes: ModelSizes { model.sizes }
    let tokensPerKVBlock = 8
    var bytesPerKVBlock: Int { sizes.layers * tokensPerKVBlock * ShuffledModel.Row.width * 4 }
    let weightBytes = 0

    func measureCosts() -> StageCosts { costs }

    func load(_ ranges: [LayerRange], blocks: Int) -> [any StageExecutor] {
        ranges.map { ShuffledStage($0, self, blocks: blocks) }
    }
}

/// Rows of words as bytes: the highest byte of a word first, every other byte from the end, all inverted.
struct ShuffledRows {
    private var bytes: [UInt8]

    init(count: Int) { bytes = [UInt8](repeating: 0, count: count * ShuffledModel.Row.width * 4) }

    private func place(_ byte: Int) -> Int { byte % 2 == 0 ? byte / 2 : bytes.count - 1 - byte / 2 }

    subscript(row: Int) -> ShuffledModel.Row {
        get {
            let width = ShuffledModel.Row.width
            return ShuffledModel.Row(
                words: (row * width..<(row + 1) * width).map { word in
                    (0..<4).reduce(0) { $0 << 8 | UInt32(~bytes[place(4 * word + $1)]) }
                })
        }
        set {
            for (index, word) in newValue.words.enumerated() {
                for byte in 0..<4 {
                    bytes[place(4 * (row * ShuffledModel.Row.width + index) + byte)] =
                        ~UInt8(truncatingIfNeeded: word >> (24 - 8 * byte))
                }
            }
        }
    }
}

/// What `ShuffledStage`s hand to each other.
final class ShuffledTensor: StageTensor, @unchecked Sendable {
    // Unchecked: with one stage at a time, if the runtime does what it says.
    let rowCount: Int
    let nextLayer: Int
    let batch: MicroBatchID
    var rows: ShuffledRows

    init(_ batch: MicroBatch, nextLayer: Int) {
        rowCount = batch.tokenCount
        self.nextLayer = nextLayer
        self.batch = batch.id
        rows = ShuffledRows(count: batch.tokenCount)
    }
}

/// A stage of `ShuffledDevice`. It complains of every call that the boundary does not allow.
final class ShuffledStage: StageExecutor, @unchecked Sendable {
    // Unchecked: one worker thread calls it, which it checks.
    let range: LayerRange
    private let device: ShuffledDevice
    /// Of its own layers: [layer][block][tokens of a block].
    private var store: [ShuffledRows]
    private let blocks: Int
    private var worker: ThreadIdentity?
    private var nextBatch = 0

    init(_ range: LayerRange, _ device: ShuffledDevice, blocks: Int) {
        precondition(range.layerReach == range.layers && range.vocabularyReach == range.vocabulary)
        precondition(range.vocabulary == (range.hasFinalNorm ? 0..<device.sizes.vocabulary : 0..<0))
        self.range = range
        self.device = device
        self.blocks = blocks
        store = range.layers.map { _ in ShuffledRows(count: blocks * device.tokensPerKVBlock) }
    }

    func prepareThread() {
        precondition(worker == nil, "the worker's thread was prepared twice")
        worker = ThreadIdentity()
    }

    func execute(_ batch: MicroBatch, input: (any StageTensor)?) throws -> StageOutput {
        guard let worker, worker.isCurrent else { throw FakeFault(description: "not the thread that was prepared") }
        guard batch.id.rawValue == nextBatch else {
            throw FakeFault(description: "\(batch.id) came, \(nextBatch) was due")
        }
        if range.hasFinalNorm, device.failsAt == nextBatch { throw FakeFault(description: "the shuffled fault") }
        nextBatch += 1
        let rows = try run(batch, input)
        return range.hasFinalNorm ? .tokens(draw(batch, rows)) : .activations(rows)
    }

    private func run(_ batch: MicroBatch, _ input: (any StageTensor)?) throws -> ShuffledTensor {
        let input = try input.map { input in
            guard let own = input as? ShuffledTensor, own.nextLayer == range.layers.lowerBound, own.batch == batch.id
            else {
                throw FakeFault(description: "activations of another stage, device or micro-batch")
            }
            return own
        }
        guard (input == nil) == range.hasEmbedding else { throw FakeFault(description: "activations are missing") }
        let output = ShuffledTensor(batch, nextLayer: range.layers.upperBound)
        var index = 0
        for slice in batch.slices {
            for (offset, token) in slice.tokens.enumerated() {
                let row = input?.rows[index] ?? device.model.embed(token)
                output.rows[index] = run(row, at: slice.start + offset, slice.blocks)
                index += 1
            }
        }
        return output
    }

    /// Takes a row through all layers.
    private func run(_ row: ShuffledModel.Row, at position: Int, _ table: [BlockID]) -> ShuffledModel.Row {
        func address(_ position: Int) -> Int {
            let block = Int(table[position / device.tokensPerKVBlock])
            precondition(0..<blocks ~= block, "a block outside the pool")
            return block * device.tokensPerKVBlock + position % device.tokensPerKVBlock
        }
        var row = row
        for layer in range.layers {
            let own = layer - range.layers.lowerBound
            store[own][address(position)] = device.model.entry(row, layer: layer)
            row = device.model.next(row, layer: layer, position: position) { store[own][address($0)] }
        }
        return row
    }

    private func draw(_ batch: MicroBatch, _ rows: ShuffledTensor) -> [[SampledToken]] {
        var first = 0
        return batch.slices.map { slice in
            defer { first += slice.tokens.count }
            return slice.draws.map { SampledToken(device.model.draw(rows.rows[first + $0.row], $0.task)) }
        }
    }
}
